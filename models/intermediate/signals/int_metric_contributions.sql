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
        from_days,
        until_days,
        measured_on,
        counts_from,
        cast(null as date) as next_measured_on
    from measured_metrics
    where counted_as = 'quantity'

),

-- Things and days are counted once however often they come: each time hands over to
-- the next one, so that their stretches never overlap.
occurrences as (

    select
        level,
        entity_id,
        metric,
        item,
        from_days,
        until_days,
        measured_on,
        min(counts_from) as counts_from
    from measured_metrics
    where counted_as in ('items', 'days')
    group by
        level, entity_id, metric, counted_as, item, from_days, until_days, measured_on

),

handed_over as (

    select
        level,
        entity_id,
        metric,
        1 as weight,
        from_days,
        until_days,
        measured_on,
        counts_from,
        lead(measured_on) over (
            partition by level, entity_id, metric, item order by measured_on
        ) as next_measured_on
    from occurrences
    where item is not null

),

counted_days as (

    select
        level,
        entity_id,
        metric,
        1 as weight,
        from_days,
        until_days,
        measured_on,
        counts_from,
        cast(null as date) as next_measured_on
    from occurrences
    where item is null

),

weights as (

    select * from quantities
    union all
    select * from handed_over
    union all
    select * from counted_days

),

stretches as (

    select
        level,
        entity_id,
        metric,
        weight,
        greatest({{ add_days('measured_on', 'from_days') }}, counts_from) as starts_on,
        case
            when until_days is null and next_measured_on is null then null
            when until_days is null
                then {{ add_days('next_measured_on', 'from_days') }}
            when next_measured_on is null
                then {{ add_days('measured_on', 'until_days') }}
            else least(
                {{ add_days('measured_on', 'until_days') }},
                {{ add_days('next_measured_on', 'from_days') }}
            )
        end as ends_on
    from weights

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
