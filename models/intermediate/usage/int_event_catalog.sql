-- One row per row of the event catalog, its gaps filled with what they mean.
with

event_catalog as (

    select * from {{ ref('event_catalog') }}

),

behaviours as (

    select * from {{ ref('behaviours') }}

),

numbered_rows as (

    select
        *,
        row_number() over (
            partition by event_name
            order by property, pattern, behaviour, feature, is_premium, counts_as_usage
        ) as row_number_of_event
    from event_catalog

),

catalog_rows as (

    select
        numbered_rows.event_name,
        numbered_rows.property,
        numbered_rows.pattern,
        numbered_rows.behaviour,
        behaviours.behaviour_group,
        numbered_rows.feature,
        coalesce(numbered_rows.is_premium, false) as is_premium,
        coalesce(numbered_rows.counts_as_usage, true) as counts_as_usage,
        cast(
            power(2, numbered_rows.row_number_of_event - 1)
            as {{ dbt.type_bigint() }}
        ) as row_power
    from numbered_rows
    left join behaviours
        on numbered_rows.behaviour = behaviours.behaviour

)

select * from catalog_rows
