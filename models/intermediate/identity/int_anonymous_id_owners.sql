-- One row per anonymous_id and user in turn: whose the anonymous events were, and when.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

events as (

    select * from {{ ref('stg_events') }}

),

identifications as (

    select
        events.anonymous_id,
        events.occurred_at as identified_at,
        min(events.event_id) as event_id
    from events
    cross join as_of
    where
        events.user_id is not null
        and events.anonymous_id is not null
        and cast(events.occurred_at as date) <= as_of.as_of_date
    group by events.anonymous_id, events.occurred_at

),

identified_users as (

    select
        identifications.anonymous_id,
        identifications.identified_at,
        events.user_id,
        lead(events.user_id) over (
            partition by identifications.anonymous_id
            order by identifications.identified_at
        ) as next_user_id
    from identifications
    inner join events
        on identifications.event_id = events.event_id

),

-- An anonymous event belongs to the first identification at or after it, so an owner
-- holds until the last of the identifications in a row that name the same user.
last_identifications as (

    select
        anonymous_id,
        user_id,
        identified_at
    from identified_users
    where next_user_id is null or next_user_id != user_id

),

owners as (

    select
        anonymous_id,
        user_id,
        lag(identified_at) over (
            partition by anonymous_id order by identified_at
        ) as owned_after,
        -- Events after the last identification are its user's too: no end.
        case
            when
                lead(identified_at) over (
                    partition by anonymous_id order by identified_at
                ) is not null
                then identified_at
        end as owned_until
    from last_identifications

)

select * from owners
