-- One row per score_model, level and threshold: what calling from it on would give.
{%- set label = conversion_label() %}
with

labelled_scores as (

    select * from {{ ref('int_labelled_scores') }}
    where {{ label }} is not null

),

outcomes as (

    select * from {{ ref('account_outcomes') }}

),

numbers as (

    {{ number_series(41) }}

),

thresholds as (

    select 5 * n as threshold
    from numbers

),

-- The highest threshold that a score reaches, -5 where it reaches none; and that of the
-- week before, for who was above then is nobody new.
reached_thresholds as (

    select
        score_model,
        level,
        entity_id,
        account_id,
        case when {{ label }} then 1 else 0 end as is_converted,
        case
            when score < 0 then -5
            when score >= 200 then 200
            else 5 * cast(floor(score / 5.0) as integer)
        end as reached,
        as_of_date
    from labelled_scores

),

looks as (

    select
        *,
        lag(reached) over (
            partition by score_model, level, entity_id order by as_of_date
        ) as reached_before,
        lag(as_of_date) over (
            partition by score_model, level, entity_id order by as_of_date
        ) as date_before
    from reached_thresholds

),

weeks as (

    select
        score_model,
        level,
        min(as_of_date) as first_look_on,
        count(distinct as_of_date) as weeks
    from looks
    group by score_model, level

),

looks_by_threshold as (

    select
        score_model,
        level,
        reached,
        count(*) as examples,
        {{ total('is_converted') }} as converted_examples
    from looks
    group by score_model, level, reached

),

-- Who newly reaches a threshold: reaches it, and did not a week ago.
new_leads as (

    select
        looks.score_model,
        looks.level,
        looks.reached,
        1 as leads
    from looks
    inner join weeks
        on
            looks.score_model = weeks.score_model
            and looks.level = weeks.level
            and looks.as_of_date > weeks.first_look_on
    union all
    select
        score_model,
        level,
        case when reached_before < reached then reached_before else reached end
            as reached,
        -1 as leads
    from looks
    where date_before = {{ add_days('as_of_date', -7) }}

),

new_leads_by_threshold as (

    select
        score_model,
        level,
        reached,
        {{ total('leads') }} as leads
    from new_leads
    group by score_model, level, reached

),

conversions as (

    select
        score_model,
        level,
        entity_id,
        account_id,
        max(reached) as reached
    from looks
    where is_converted = 1
    group by score_model, level, entity_id, account_id

),

conversions_by_threshold as (

    select
        conversions.score_model,
        conversions.level,
        conversions.reached,
        count(*) as conversions,
        {{ total(
            "case when outcomes.conversion_motion = 'self_serve' then 1 else 0 end"
        ) }} as self_serve_conversions
    from conversions
    inner join outcomes
        on conversions.account_id = outcomes.account_id
    group by conversions.score_model, conversions.level, conversions.reached

),

parts as (

    select
        score_model,
        level,
        reached,
        examples,
        converted_examples,
        0 as leads,
        0 as conversions,
        0 as self_serve_conversions
    from looks_by_threshold
    union all
    select
        score_model,
        level,
        reached,
        0 as examples,
        0 as converted_examples,
        leads,
        0 as conversions,
        0 as self_serve_conversions
    from new_leads_by_threshold
    union all
    select
        score_model,
        level,
        reached,
        0 as examples,
        0 as converted_examples,
        0 as leads,
        conversions,
        self_serve_conversions
    from conversions_by_threshold

),

sums as (

    select
        parts.score_model,
        parts.level,
        thresholds.threshold,
        {{ total('parts.examples') }} as all_examples,
        {{ total('parts.converted_examples') }} as all_converted_examples,
        {% for part in [
            'examples', 'converted_examples', 'leads', 'conversions',
            'self_serve_conversions',
        ] %}
        {{ total(
            'case when parts.reached >= thresholds.threshold then parts.' ~ part
            ~ ' else 0 end'
        ) }} as {{ part }},
        {% endfor %}
        {{ total('parts.conversions') }} as all_conversions
    from parts
    cross join thresholds
    group by parts.score_model, parts.level, thresholds.threshold

),

backtest_thresholds as (

    select
        sums.score_model,
        sums.level,
        cast(sums.threshold as integer) as threshold,
        {{ var('conversion_days') }} as horizon_days,
        cast(weeks.weeks as integer) as weeks,
        sums.examples,
        sums.converted_examples,
        sums.conversions,
        sums.all_conversions - sums.conversions as missed_conversions,
        {{ ratio('sums.leads', '(weeks.weeks - 1)') }} as entities_per_week,
        {{ ratio('sums.converted_examples', 'sums.examples') }} as precision,
        {{ ratio('sums.converted_examples', 'sums.all_converted_examples') }} as recall,
        {{ ratio('sums.all_converted_examples', 'sums.all_examples') }} as base_rate,
        {{ ratio('sums.converted_examples', 'sums.examples') }}
        / nullif(
            {{ ratio('sums.all_converted_examples', 'sums.all_examples') }}, 0
        ) as lift,
        {{ ratio('sums.self_serve_conversions', 'sums.conversions') }}
            as self_serve_share
    from sums
    inner join weeks
        on
            sums.score_model = weeks.score_model
            and sums.level = weeks.level

)

select * from backtest_thresholds
