-- One row per row of the event catalog, its gaps filled with what they mean.
with

event_catalog as (

    select * from {{ ref('event_catalog') }}

),

behaviours as (

    select * from {{ ref('behaviours') }}

),

catalog_rows as (

    select
        event_catalog.event_name,
        event_catalog.property,
        event_catalog.pattern,
        event_catalog.behaviour,
        behaviours.behaviour_group,
        event_catalog.feature,
        coalesce(event_catalog.is_premium, false) as is_premium,
        coalesce(event_catalog.counts_as_usage, true) as counts_as_usage,
        count(*) over (partition by event_catalog.event_name) as rows_of_event
    from event_catalog
    left join behaviours
        on event_catalog.behaviour = behaviours.behaviour

)

select * from catalog_rows
