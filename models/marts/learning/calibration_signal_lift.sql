-- One row per score_model, level, signal_id and horizon_days: how it foretells paying.
{%- set min_accounts = var('calibration_min_accounts') %}
with

signals as (

    select * from {{ ref('signals') }}

),

examples as (

    select * from {{ ref('int_examples') }}

),

example_signals as (

    select * from {{ ref('int_example_signals') }}

),

labels as (

    {% for days in label_days() %}
    select
        level,
        entity_id,
        account_id,
        as_of_date,
        {{ days }} as horizon_days,
        case when is_converted_{{ days }}d then 1 else 0 end as is_converted
    from examples
    where is_converted_{{ days }}d is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

levels as (

    select
        level,
        horizon_days,
        count(*) as examples,
        {{ total('is_converted') }} as converted_examples,
        count(distinct account_id) as accounts,
        count(distinct case when is_converted = 1 then account_id end)
            as converted_accounts
    from labels
    group by level, horizon_days

),

fired as (

    select
        example_signals.score_model,
        example_signals.level,
        example_signals.signal_id,
        labels.horizon_days,
        count(*) as fired_examples,
        {{ total('labels.is_converted') }} as fired_converted_examples,
        count(distinct labels.account_id) as fired_accounts
    from example_signals
    inner join labels
        on
            example_signals.level = labels.level
            and example_signals.entity_id = labels.entity_id
            and example_signals.as_of_date = labels.as_of_date
    group by
        example_signals.score_model,
        example_signals.level,
        example_signals.signal_id,
        labels.horizon_days

),

counted_signals as (

    select
        signals.score_model,
        signals.level,
        signals.signal_id,
        levels.horizon_days,
        signals.points,
        levels.accounts,
        levels.converted_accounts,
        levels.examples,
        levels.converted_examples,
        coalesce(fired.fired_accounts, 0) as fired_accounts,
        coalesce(fired.fired_examples, 0) as fired_examples,
        coalesce(fired.fired_converted_examples, 0) as fired_converted_examples
    from signals
    inner join levels
        on signals.level = levels.level
    left join fired
        on
            signals.score_model = fired.score_model
            and signals.level = fired.level
            and signals.signal_id = fired.signal_id
            and levels.horizon_days = fired.horizon_days

),

rates as (

    select
        *,
        {{ ratio('converted_examples', 'examples') }} as base_rate,
        {{ ratio('fired_converted_examples', 'fired_examples') }} as fired_rate
    from counted_signals

),

-- An account comes back each week, and its users come with it: it is the accounts that
-- are independent of each other, and the interval is theirs.
intervals as (

    select
        *,
        {{ wilson_bound('fired_rate', 'fired_accounts', '-') }} as fired_rate_low,
        {{ wilson_bound('fired_rate', 'fired_accounts', '+') }} as fired_rate_high,
        {{ ratio(
            '(fired_converted_examples + 0.5)', '(converted_examples + 1)'
        ) }} as fired_share_of_converted,
        {{ ratio(
            '(fired_examples - fired_converted_examples + 0.5)',
            '(examples - converted_examples + 1)',
        ) }} as fired_share_of_others
    from rates

),

-- Half a case is added everywhere, so that a signal before which nobody paid has a
-- weight, too; one that never fired has none.
weighed_signals as (

    select
        *,
        fired_rate / nullif(base_rate, 0) as lift,
        fired_rate_low / nullif(base_rate, 0) as lift_low,
        fired_rate_high / nullif(base_rate, 0) as lift_high,
        case
            when fired_examples > 0
                then ln(fired_share_of_converted / fired_share_of_others)
        end as weight_of_evidence,
        case
            when fired_examples > 0
                then
                    (fired_share_of_converted - fired_share_of_others)
                    * (
                        ln(fired_share_of_converted / fired_share_of_others)
                        - ln(
                            (1 - fired_share_of_converted)
                            / (1 - fired_share_of_others)
                        )
                    )
        end as information_value
    from intervals

),

-- What the points would be if the model's points were dealt out by the evidence.
-- Rounded, for sums of doubles depend on their order.
dealt_points as (

    select
        *,
        {{ rounded(
            'weight_of_evidence * sum(abs(points)) over ('
            ~ 'partition by score_model, level, horizon_days)'
            ~ ' / nullif(sum(abs(weight_of_evidence)) over ('
            ~ 'partition by score_model, level, horizon_days), 0)',
            9,
        ) }} as evident_points
    from weighed_signals

),

-- Where the interval holds no difference, a lift on the wrong side or within a tenth of
-- none says that the points are not earned; else there are too few cases to be sure.
judged_signals as (

    select
        *,
        case
            when
                fired_accounts < {{ min_accounts }}
                or converted_accounts < {{ min_accounts }}
                or accounts - fired_accounts < {{ min_accounts }}
                then 'too_few'
            when points > 0 and lift_high < 1 then 'drop'
            when points < 0 and lift_low > 1 then 'drop'
            when lift_low <= 1 and lift_high >= 1
                then
                    case
                        when points > 0 and lift < 1.1 then 'drop'
                        when points < 0 and lift > 0.9 then 'drop'
                        else 'keep'
                    end
            when abs(evident_points) >= abs(points) + 5 then 'raise'
            when abs(evident_points) <= abs(points) - 5 then 'lower'
            else 'keep'
        end as verdict
    from dealt_points

),

calibration_signal_lift as (

    select
        score_model,
        level,
        signal_id,
        verdict,
        horizon_days,
        points,
        accounts,
        converted_accounts,
        fired_accounts,
        examples,
        converted_examples,
        fired_examples,
        fired_converted_examples,
        base_rate,
        fired_rate,
        fired_rate_low,
        fired_rate_high,
        lift,
        lift_low,
        lift_high,
        weight_of_evidence,
        information_value,
        evident_points
    from judged_signals

)

select * from calibration_signal_lift
