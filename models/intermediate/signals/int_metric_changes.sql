-- One row per level, entity_id, metric and day it changes by a weight.
-- A metric on a day is the sum of its changes up to then. The windows are rows of
-- metrics.csv, so that every count of days, events and things takes this one path. A
-- metric that no day of the history needs changes on the weekly grid and on as_of_date.
{{ config(materialized='view') }}

with

measures_of_metrics as (

    select * from {{ ref('int_metric_measures') }}
    where counted_as in ('quantity', 'items', 'days')

),

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

restarts as (

    select * from {{ ref('int_score_restarts') }}

),

measures as (

    select
        'user' as level,
        user_id as entity_id,
        measure,
        item,
        quantity,
        measured_on,
        counts_from
    from {{ ref('int_user_measures') }}
    union all
    select
        'account' as level,
        account_id as entity_id,
        measure,
        item,
        quantity,
        measured_on,
        counts_from
    from {{ ref('int_account_measures') }}

),

upgrades_abandoned as (

    select * from {{ ref('int_upgrades_abandoned') }}

),

-- What ended before the first day that is scored changes nothing any more.
measured_metrics as (

    select
        measures.level,
        measures.entity_id,
        measures_of_metrics.metric,
        measures_of_metrics.counted_as,
        measures_of_metrics.metric_number,
        measures_of_metrics.is_daily,
        measures.item,
        measures.quantity,
        measures.measured_on,
        greatest(
            {{ add_days('measures.measured_on', 'measures_of_metrics.from_days') }},
            measures.counts_from
        ) as starts_on,
        {{ add_days('measures.measured_on', 'measures_of_metrics.until_days') }}
            as ends_on
    from measures
    inner join measures_of_metrics
        on
            measures.level = measures_of_metrics.level
            and measures.measure = measures_of_metrics.measure
    inner join restarts
        on
            measures.level = restarts.level
            and measures.entity_id = restarts.entity_id
    where
        measures_of_metrics.until_days is null
        or {{ add_days('measures.measured_on', 'measures_of_metrics.until_days') }}
        > greatest(restarts.restart_on, measures.counts_from)

),

-- Each Monday and as_of_date are right, and there are fewer days to sum up.
read_metrics as (

    select
        measured_metrics.level,
        measured_metrics.entity_id,
        measured_metrics.metric,
        measured_metrics.counted_as,
        measured_metrics.metric_number,
        measured_metrics.item,
        measured_metrics.quantity,
        {% for day in ['starts_on', 'ends_on'] %}
        case
            when
                measured_metrics.is_daily
                or measured_metrics.{{ day }} is null
                or measured_metrics.{{ day }} > as_of.as_of_date
                then measured_metrics.{{ day }}
            when {{ next_grid_day('measured_metrics.' ~ day) }} < as_of.as_of_date
                then {{ next_grid_day('measured_metrics.' ~ day) }}
            else as_of.as_of_date
        end as {{ day }},
        {% endfor %}
        measured_metrics.measured_on
    from measured_metrics
    cross join as_of

),

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
    from read_metrics
    where counted_as = 'days'
    group by level, entity_id, metric, metric_number, measured_on, ends_on

),

quantities as (

    select
        level,
        entity_id,
        metric,
        metric_number,
        quantity as weight,
        starts_on,
        ends_on
    from read_metrics
    where counted_as = 'quantity'
    union all
    select
        level,
        entity_id,
        metric,
        metric_number,
        weight,
        starts_on,
        ends_on
    from counted_days
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
    from read_metrics
    where counted_as = 'items' and item is not null

),

covered_occurrences as (

    select
        *,
        case
            when covered_until > ends_on then covered_until else ends_on
        end as covered_then
    from occurrences

),

changes as (

    select
        level,
        entity_id,
        metric,
        metric_number,
        cast(weight as {{ engine_type('double') }}) as weight,
        starts_on as changed_on
    from quantities
    union all
    select
        level,
        entity_id,
        metric,
        metric_number,
        cast(-weight as {{ engine_type('double') }}) as weight,
        ends_on as changed_on
    from quantities
    where ends_on is not null
    union all
    select
        level,
        entity_id,
        metric,
        metric_number,
        cast(1 as {{ engine_type('double') }}) as weight,
        starts_on as changed_on
    from covered_occurrences
    where covered_until is null or starts_on > covered_until
    union all
    select
        level,
        entity_id,
        metric,
        metric_number,
        cast(-1 as {{ engine_type('double') }}) as weight,
        covered_then as changed_on
    from covered_occurrences
    where
        covered_then < cast('9999-12-31' as date)
        and (next_starts_on is null or next_starts_on > covered_then)

)

select * from changes
