-- One row per activity_date with a fingerprint of its events and of the catalog.
with

events as (

    select * from {{ ref('int_events_attributed') }}

),

catalog_rows as (

    select * from {{ ref('int_event_catalog') }}

),

catalog_fingerprint as (

    select
        coalesce(
            sum({{ row_fingerprint([
                'event_name', 'property', 'pattern', 'behaviour', 'behaviour_group',
                'feature',
                'is_premium', 'counts_as_usage',
            ]) }}),
            0
        ) as fingerprint
    from catalog_rows

),

event_fingerprints as (

    select
        activity_date,
        count(*) as events,
        sum({{ row_fingerprint([
            'event_id', 'user_id', 'workspace_id', 'event_name', 'properties',
            'occurred_at',
        ]) }}) as fingerprint
    from events
    group by activity_date

),

usage_days as (

    select
        event_fingerprints.activity_date,
        event_fingerprints.events,
        cast(
            event_fingerprints.fingerprint + catalog_fingerprint.fingerprint
            as {{ dbt.type_bigint() }}
        ) as fingerprint
    from event_fingerprints
    cross join catalog_fingerprint

)

select * from usage_days
