-- One row per anonymous_id and user in turn: whose the anonymous events were, and when.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

-- Only who also came unknown needs an owner: elsewhere most ids never do.
visitors as (

    select anonymous_id
    from {{ ref('stg_events') }}
    where user_id is null
    group by anonymous_id

),

-- Of several users at one moment the event_id decides.
ranked_identifications as (

    select
        events.anonymous_id,
        events.user_id,
        events.occurred_at as identified_at,
        row_number() over (
            partition by events.anonymous_id, events.occurred_at
            order by events.event_id
        ) as identification_rank
    from {{ ref('stg_events') }} as events
    cross join as_of
    inner join visitors
        on events.anonymous_id = visitors.anonymous_id
    where
        events.user_id is not null
        and events.occurred_on <= as_of.as_of_date

),

identified_users as (

    select
        anonymous_id,
        identified_at,
        user_id,
        lead(user_id) over (
            partition by anonymous_id
            order by identified_at
        ) as next_user_id
    from ranked_identifications
    where identification_rank = 1

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
