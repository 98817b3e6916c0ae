-- One row per event_id: the accepted events, each once, the earliest received.
with

-- The copies are named where they are read, each time: a query that is named once and
-- read twice is written down by some engines, and readers could then leave out no
-- column of all the events.
rows_without_copies as (

    select * from {{ ref('base_events') }}
    where
        not is_dropped
        and event_id not in (
            select copies.event_id from {{ ref('stg_event_copies') }} as copies
            where copies.copy_number > 0
        )

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
    from {{ ref('stg_event_copies') }}
    where copy_number = 1

)

select * from unique_events
