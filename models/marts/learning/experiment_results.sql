-- One row per experiment_id and measure: both arms, and how sure the difference is.
{#- Fewer accounts that pay do not tell how much their revenue differs. #}
{%- set min_payers = 5 %}
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

experiments as (

    select * from {{ ref('experiments') }}

),

accounts as (

    select * from {{ ref('accounts') }}
    where not is_internal

),

outcomes as (

    select * from {{ ref('account_outcomes') }}

),

revenue_changes as (

    select * from {{ ref('int_revenue_changes') }}

),

running_experiments as (

    select
        experiments.experiment_id,
        experiments.salt,
        experiments.holdout_share,
        experiments.starts_on,
        case
            when experiments.ends_on < as_of.as_of_date then experiments.ends_on
            else as_of.as_of_date
        end as ends_on
    from experiments
    cross join as_of
    where experiments.starts_on <= as_of.as_of_date

),

-- As intended: every account that was there and did not pay when it came in counts in
-- its arm, called or not.
assigned_accounts as (

    select
        running_experiments.experiment_id,
        accounts.account_id,
        case
            when {{ is_held_out('running_experiments', 'accounts.account_id') }}
                then 'control'
            else 'treatment'
        end as arm,
        greatest(accounts.first_seen_on, running_experiments.starts_on) as entered_on,
        running_experiments.ends_on
    from accounts
    inner join running_experiments
        on accounts.first_seen_on <= running_experiments.ends_on

),

exposed_accounts as (

    select
        assigned_accounts.experiment_id,
        assigned_accounts.account_id,
        assigned_accounts.arm,
        outcomes.conversion_motion,
        coalesce(
            cast(outcomes.first_paid_at as date) <= assigned_accounts.ends_on, false
        ) as is_converted,
        assigned_accounts.entered_on,
        assigned_accounts.ends_on
    from assigned_accounts
    inner join outcomes
        on assigned_accounts.account_id = outcomes.account_id
    where
        outcomes.first_paid_at is null
        or cast(outcomes.first_paid_at as date) >= assigned_accounts.entered_on

),

-- What began to be paid until the end, for a year, less what was given up again.
revenue as (

    select
        exposed_accounts.experiment_id,
        exposed_accounts.account_id,
        12 * sum(revenue_changes.mrr_change_usd) as revenue_usd
    from exposed_accounts
    inner join revenue_changes
        on
            exposed_accounts.account_id = revenue_changes.account_id
            and exposed_accounts.ends_on >= revenue_changes.changed_on
    group by exposed_accounts.experiment_id, exposed_accounts.account_id

),

measured_accounts as (

    select
        exposed_accounts.experiment_id,
        exposed_accounts.arm,
        exposed_accounts.conversion_motion,
        case when exposed_accounts.is_converted then 1.0 else 0.0 end as converted,
        case
            when
                exposed_accounts.is_converted
                and exposed_accounts.conversion_motion = 'self_serve'
                then 1.0
            else 0.0
        end as self_served,
        coalesce(revenue.revenue_usd, 0) as revenue_usd
    from exposed_accounts
    left join revenue
        on
            exposed_accounts.experiment_id = revenue.experiment_id
            and exposed_accounts.account_id = revenue.account_id

),

measures as (

    {% for measure, column in {
        'conversion_rate': 'converted',
        'self_serve_conversion_rate': 'self_served',
        'revenue_per_account': 'revenue_usd',
    }.items() %}
    select
        experiment_id,
        arm,
        '{{ measure }}' as measure,
        cast({{ column }} as {{ engine_type('double') }}) as amount
    from measured_accounts
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

arms as (

    select
        experiment_id,
        measure,
        arm,
        count(*) as accounts,
        sum(amount) / count(*) as mean_amount,
        sum(case when amount > 0 then 1 else 0 end) as payers,
        sum(amount) / nullif(sum(case when amount > 0 then 1 else 0 end), 0)
            as payer_mean,
        sum(amount * amount) / nullif(sum(case when amount > 0 then 1 else 0 end), 0)
            as payer_mean_square
    from measures
    group by experiment_id, measure, arm

),

-- Most accounts pay nothing and a few pay much, so that the mean of an arm is known
-- less well upwards than downwards. It is the share that pays (Wilson) times what a
-- payer pays (Student's t), whose intervals on the scale of logarithms add up by their
-- squares.
spreads as (

    select
        *,
        {{ ratio('payers', 'accounts') }} as payer_share,
        {% for bound, sign in {'low': '-', 'high': '+'}.items() -%}
        {{ wilson_bound(ratio('payers', 'accounts'), 'accounts', sign) }}
            as payer_share_{{ bound }},
        {% endfor -%}
        case
            -- Where all pay the same, rounding may leave less than nothing.
            when payer_mean_square <= payer_mean * payer_mean then 0
            when payers >= {{ min_payers }}
                then
                    power({{ t_quantile('payers - 1') }}, 2)
                    * (payer_mean_square / (payer_mean * payer_mean) - 1)
                    / (payers - 1)
        end as square_of_amount
    from arms

),

means as (

    select
        *,
        case
            when measure like '%_rate' then mean_amount - payer_share_low
            when payers >= {{ min_payers }}
                then
                    mean_amount * (1 - exp(-power(
                        power(ln(payer_share / payer_share_low), 2)
                        + square_of_amount,
                        0.5
                    )))
        end as below,
        case
            when measure like '%_rate' then payer_share_high - mean_amount
            when payers >= {{ min_payers }}
                then
                    mean_amount * (exp(power(
                        power(ln(payer_share_high / payer_share), 2)
                        + square_of_amount,
                        0.5
                    )) - 1)
        end as above
    from spreads

),

measure_names as (

    select
        experiment_id,
        measure
    from arms
    group by experiment_id, measure

),

compared_arms as (

    select
        measure_names.experiment_id,
        measure_names.measure,
        coalesce(treatment.accounts, 0) as treatment_accounts,
        coalesce(control.accounts, 0) as control_accounts,
        treatment.mean_amount as treatment_value,
        control.mean_amount as control_value,
        treatment.mean_amount - control.mean_amount as difference,
        power(
            treatment.below * treatment.below + control.above * control.above, 0.5
        ) as margin_below,
        power(
            treatment.above * treatment.above + control.below * control.below, 0.5
        ) as margin_above
    from measure_names
    left join means as treatment
        on
            measure_names.experiment_id = treatment.experiment_id
            and measure_names.measure = treatment.measure
            and treatment.arm = 'treatment'
    left join means as control
        on
            measure_names.experiment_id = control.experiment_id
            and measure_names.measure = control.measure
            and control.arm = 'control'

),

assisted_deals as (

    select
        experiment_id,
        count(*) as deals,
        sum(revenue_usd) as revenue_usd
    from measured_accounts
    where
        arm = 'treatment'
        and converted = 1
        and conversion_motion = 'sales_assisted'
    group by experiment_id

),

-- Where nobody is called, some buy by themselves. As many fewer as do so where people
-- are called were only taken over by sales.
missing_self_serves as (

    select
        compared_arms.experiment_id,
        compared_arms.treatment_accounts,
        compared_arms.control_accounts,
        case
            when compared_arms.difference >= 0 then 0
            when
                -compared_arms.difference * compared_arms.treatment_accounts
                > coalesce(assisted_deals.deals, 0)
                then coalesce(assisted_deals.deals, 0)
            else -compared_arms.difference * compared_arms.treatment_accounts
        end as cannibalised_deals,
        coalesce(assisted_deals.deals, 0) as assisted_deals,
        assisted_deals.revenue_usd as assisted_revenue_usd
    from compared_arms
    left join assisted_deals
        on compared_arms.experiment_id = assisted_deals.experiment_id
    where
        compared_arms.measure = 'self_serve_conversion_rate'
        and compared_arms.difference is not null

),

results as (

    select
        experiment_id,
        measure,
        treatment_accounts,
        control_accounts,
        treatment_value,
        control_value,
        difference,
        difference - margin_below as difference_low,
        difference + margin_above as difference_high
    from compared_arms
    union all
    -- What sales brought in that would not have come by itself.
    select
        experiment_id,
        'incremental_revenue' as measure,
        treatment_accounts,
        control_accounts,
        treatment_value * treatment_accounts as treatment_value,
        control_value * treatment_accounts as control_value,
        difference * treatment_accounts as difference,
        (difference - margin_below) * treatment_accounts as difference_low,
        (difference + margin_above) * treatment_accounts as difference_high
    from compared_arms
    where measure = 'revenue_per_account'
    {% for measure in ['assisted_deals', 'cannibalised_deals'] %}
    union all
    select
        experiment_id,
        '{{ measure }}' as measure,
        treatment_accounts,
        control_accounts,
        cast({{ measure }} as {{ engine_type('double') }}) as treatment_value,
        cast(null as {{ engine_type('double') }}) as control_value,
        cast(null as {{ engine_type('double') }}) as difference,
        cast(null as {{ engine_type('double') }}) as difference_low,
        cast(null as {{ engine_type('double') }}) as difference_high
    from missing_self_serves
    {% endfor %}
    union all
    select
        experiment_id,
        'cannibalised_revenue' as measure,
        treatment_accounts,
        control_accounts,
        coalesce(
            cannibalised_deals * assisted_revenue_usd / nullif(assisted_deals, 0), 0
        ) as treatment_value,
        cast(null as {{ engine_type('double') }}) as control_value,
        cast(null as {{ engine_type('double') }}) as difference,
        cast(null as {{ engine_type('double') }}) as difference_low,
        cast(null as {{ engine_type('double') }}) as difference_high
    from missing_self_serves

),

experiment_results as (

    select
        results.experiment_id,
        results.measure,
        case
            when results.difference_low > 0 then 'higher'
            when results.difference_high < 0 then 'lower'
            when results.difference_low is not null then 'no_difference'
        end as verdict,
        results.treatment_accounts,
        results.control_accounts,
        results.treatment_value,
        results.control_value,
        results.difference,
        results.difference_low,
        results.difference_high,
        running_experiments.starts_on,
        running_experiments.ends_on as measured_until
    from results
    inner join running_experiments
        on results.experiment_id = running_experiments.experiment_id

)

select * from experiment_results
