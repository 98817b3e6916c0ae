-- One row per event_id: the accepted events, each once, the earliest received.
with

copies as (

    select * from {{ ref('stg_event_copies') }}
    where copy_number > 0

),

-- The short key decides for nearly all events, so that their ids need not be read.
rows_of_single_keys as (

    select * from {{ ref('base_events') }}
    where
        not is_dropped
        and event_key not in (select copies.event_key from copies)

),

rows_of_shared_keys as (

    select * from {{ ref('base_events') }}
    where
        not is_dropped
        and event_key in (select copies.event_key from copies)
        and event_id not in (select copies.event_id from copies)

),

rows_without_copies as (

    select * from rows_of_single_keys
    union all
    select * from rows_of_shared_keys

),

unique_events as (

    select
        event_id,
        event_name,
        user_id,
        anonymous_id,
        workspace_id,
        properties,
        occurred_on,
        received_on,
        occurred_at,
        received_at,
        loaded_at
    from rows_without_copies
    union all
    select
        event_id,
        event_name,
        user_id,
        anonymous_id,
        workspace_id,
        properties,
        occurred_on,
        received_on,
        occurred_at,
        received_at,
        loaded_at
    from copies
    where copy_number = 1

)

select * from unique_events
