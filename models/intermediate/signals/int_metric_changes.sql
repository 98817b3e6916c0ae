-- One row per level, entity_id, metric and day it changes by a weight.
-- A metric on a day is the sum of its changes up to then. The windows are rows of
-- metrics.csv, so that every count of days, events and things takes this one path. A
-- metric that no day of the history needs changes on the weekly grid and on as_of_date.
-- Each way of counting reads its own measures, and a join makes two rows of what has an
-- end: a query that is read twice is written down by some engines, and these are many
-- rows.
{{ config(materialized='view') }}

with

metric_measures as (

    select * from {{ ref('int_metric_measures') }}

),

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

restarts as (

    select * from {{ ref('int_score_restarts') }}

),

upgrades_abandoned as (

    select * from {{ ref('int_upgrades_abandoned') }}

),

{% for counted_as in ['quantity', 'days', 'items'] -%}
{{ counted_as }}_measures as (

    {% for level in ['user', 'account'] -%}
    select
        '{{ level }}' as level,
        {{ level }}_id as entity_id,
        measure,
        item,
        quantity,
        measured_on,
        counts_from
    from {{ ref('int_' ~ level ~ '_measures') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- What ended before the first day that is scored changes nothing any more.
{{ counted_as }}_metrics as (

    select
        measures.level,
        measures.entity_id,
        metric_measures.metric,
        metric_measures.metric_number,
        metric_measures.is_daily,
        measures.item,
        measures.quantity,
        measures.measured_on,
        greatest(
            {{ add_days('measures.measured_on', 'metric_measures.from_days') }},
            measures.counts_from
        ) as starts_on,
        {{ add_days('measures.measured_on', 'metric_measures.until_days') }} as ends_on
    from {{ counted_as }}_measures as measures
    inner join metric_measures
        on
            measures.level = metric_measures.level
            and measures.measure = metric_measures.measure
            and metric_measures.counted_as = '{{ counted_as }}'
    inner join restarts
        on
            measures.level = restarts.level
            and measures.entity_id = restarts.entity_id
    where
        metric_measures.until_days is null
        or {{ add_days('measures.measured_on', 'metric_measures.until_days') }}
        > greatest(restarts.restart_on, measures.counts_from)

),

-- Each Monday and as_of_date are right, and there are fewer days to sum up.
read_{{ counted_as }} as (

    select
        metrics.level,
        metrics.entity_id,
        metrics.metric,
        metrics.metric_number,
        metrics.item,
        metrics.quantity,
        {% for day in ['starts_on', 'ends_on'] -%}
        case
            when
                metrics.is_daily
                or metrics.{{ day }} is null
                or metrics.{{ day }} > as_of.as_of_date
                then metrics.{{ day }}
            when {{ next_grid_day('metrics.' ~ day) }} < as_of.as_of_date
                then {{ next_grid_day('metrics.' ~ day) }}
            else as_of.as_of_date
        end as {{ day }},
        {% endfor -%}
        metrics.measured_on
    from {{ counted_as }}_metrics as metrics
    cross join as_of

),

{% endfor -%}
-- A day is counted once however many of the account's users made it one.
counted_days as (

    select
        level,
        entity_id,
        metric,
        metric_number,
        1 as weight,
        min(starts_on) as starts_on,
        ends_on
    from read_days
    group by level, entity_id, metric, metric_number, measured_on, ends_on

),

-- A thing is counted once however often it comes: from the first day that no earlier
-- time covers, until the day that no later one follows. The end of time stands for
-- good, so that ends compare.
occurrences as (

    select
        level,
        entity_id,
        metric,
        metric_number,
        starts_on,
        coalesce(ends_on, cast('9999-12-31' as date)) as ends_on,
        max(coalesce(ends_on, cast('9999-12-31' as date))) over (
            partition by level, entity_id, metric_number, item
            order by starts_on, measured_on
            rows between unbounded preceding and 1 preceding
        ) as covered_until,
        lead(starts_on) over (
            partition by level, entity_id, metric_number, item
            order by starts_on, measured_on
        ) as next_starts_on
    from read_items
    where item is not null

),

covered_occurrences as (

    select
        *,
        case
            when covered_until > ends_on then covered_until else ends_on
        end as covered_then
    from occurrences

),

counted_items as (

    select
        level,
        entity_id,
        metric,
        metric_number,
        1 as weight,
        case
            when covered_until is null or starts_on > covered_until then starts_on
        end as starts_on,
        case
            when
                covered_then < cast('9999-12-31' as date)
                and (next_starts_on is null or next_starts_on > covered_then)
                then covered_then
        end as ends_on
    from covered_occurrences

),

counted as (

    select
        level,
        entity_id,
        metric,
        metric_number,
        quantity as weight,
        starts_on,
        ends_on
    from read_quantity
    union all
    select * from counted_days
    union all
    select * from counted_items
    union all
    select
        'user' as level,
        user_id as entity_id,
        'abandoned_upgrades_30d' as metric,
        {{ metric_number('user', 'abandoned_upgrades_30d') }} as metric_number,
        1 as weight,
        abandoned_from as starts_on,
        abandoned_until as ends_on
    from upgrades_abandoned

),

signs as (

    select 1 as sign
    union all
    select -1 as sign

),

signed_changes as (

    select
        counted.level,
        counted.entity_id,
        counted.metric,
        counted.metric_number,
        cast(signs.sign * counted.weight as {{ engine_type('double') }}) as weight,
        case
            when signs.sign = 1 then counted.starts_on else counted.ends_on
        end as changed_on
    from counted
    cross join signs

),

changes as (

    select * from signed_changes
    where changed_on is not null

)

select * from changes
