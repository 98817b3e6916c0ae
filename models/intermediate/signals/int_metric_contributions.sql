-- One row per level, entity_id, metric and stretch of days it is higher by a weight.
-- From starts_on until the day before ends_on (null: for good) the metric is higher by
-- the weight; a metric on a day is the sum of what holds then. The windows are rows of
-- metrics.csv, so that every count of days, events and things takes this one path.
with

measures_of_metrics as (

    select * from {{ ref('int_metric_measures') }}
    where counted_as in ('quantity', 'items', 'days')

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

measured_metrics as (

    select
        measures.level,
        measures.entity_id,
        measures_of_metrics.metric,
        measures_of_metrics.counted_as,
        measures_of_metrics.from_days,
        measures_of_metrics.until_days,
        case
            when measures_of_metrics.counted_as = 'items' then measures.item
        end as item,
        measures.quantity,
        measures.measured_on,
        measures.counts_from
    from measures
    inner join measures_of_metrics
        on
            measures.level = measures_of_metrics.level
            and measures.measure = measures_of_metrics.measure

),

quantities as (

    select
        level,
        entity_id,
        metric,
        quantity as weight,
        greatest({{ add_days('measured_on', 'from_days') }}, counts_from) as starts_on,
        {{ add_days('measured_on', 'until_days') }} as ends_on
    from measured_metrics
    where counted_as = 'quantity'

),

-- Things and days are counted once however often they come. The end of time stands for
-- good, so that ends compare.
occurrences as (

    select
        level,
        entity_id,
        metric,
        item,
        measured_on,
        min(
            greatest({{ add_days('measured_on', 'from_days') }}, counts_from)
        ) as starts_on,
        coalesce(
            {{ add_days('measured_on', 'until_days') }}, cast('9999-12-31' as date)
        ) as ends_on
    from measured_metrics
    where counted_as in ('items', 'days')
    group by level, entity_id, metric, item, measured_on, until_days

),

covered_occurrences as (

    select
        level,
        entity_id,
        metric,
        starts_on,
        ends_on,
        max(ends_on) over (
            partition by level, entity_id, metric, item
            order by starts_on, measured_on
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from occurrences
    where item is not null

),

-- Each time adds only the days that no earlier one covers: the stretches of one thing
-- never overlap.
counted_items as (

    select
        level,
        entity_id,
        metric,
        1 as weight,
        greatest(starts_on, coalesce(covered_until, starts_on)) as starts_on,
        nullif(ends_on, cast('9999-12-31' as date)) as ends_on
    from covered_occurrences
    where covered_until is null or ends_on > covered_until

),

counted_days as (

    select
        level,
        entity_id,
        metric,
        1 as weight,
        starts_on,
        ends_on
    from occurrences
    where item is null

),

stretches as (

    select * from quantities
    union all
    select * from counted_items
    union all
    select * from counted_days

),

contributions as (

    select * from stretches
    where ends_on is null or starts_on < ends_on
    union all
    select
        'user' as level,
        user_id as entity_id,
        'abandoned_upgrades_30d' as metric,
        1 as weight,
        abandoned_from as starts_on,
        abandoned_until as ends_on
    from upgrades_abandoned

)

select * from contributions
