-- One row per activity_date with a fingerprint of its events and of the catalog.
-- What the day's rows are made from is added up: its arrivals, which copies of events
-- that came more than once are kept, whose the anonymous events are, and the catalog.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

arrivals as (

    select * from {{ ref('stg_event_arrivals') }}

),

copies as (

    select * from {{ ref('stg_event_copies') }}

),

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

fingerprints as (

    select
        occurred_on as activity_date,
        accepted_rows as events,
        fingerprint
    from arrivals
    union all
    select
        occurred_on as activity_date,
        case when copy_number > 1 then -1 else 0 end as events,
        {{ row_fingerprint(['event_id', 'copy_number', 'received_at']) }} as fingerprint
    from copies
    where copy_number > 0
    union all
    select
        activity_date,
        0 as events,
        {{ row_fingerprint(['event_id', 'user_id', 'is_stitched']) }} as fingerprint
    from events
    where is_stitched

),

usage_days as (

    select
        fingerprints.activity_date,
        {{ total('fingerprints.events') }} as events,
        cast(
            sum(fingerprints.fingerprint) + max(catalog_fingerprint.fingerprint)
            as {{ dbt.type_bigint() }}
        ) as fingerprint
    from fingerprints
    cross join catalog_fingerprint
    cross join as_of
    where fingerprints.activity_date <= as_of.as_of_date
    group by fingerprints.activity_date

)

select * from usage_days
