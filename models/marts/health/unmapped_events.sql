-- One row per event_name that no row of the event catalog matched.
with

daily_usage as (

    select * from {{ ref('daily_usage') }}

),

unmapped_events as (

    select
        unmapped_event_name as event_name,
        {{ total('event_count') }} as event_count,
        count(distinct user_id) as users,
        min(activity_date) as first_seen_on,
        max(activity_date) as last_seen_on
    from daily_usage
    where unmapped_event_name is not null
    group by unmapped_event_name

)

select * from unmapped_events
