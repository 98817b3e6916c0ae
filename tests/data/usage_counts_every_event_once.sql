-- Every staged event up to as_of_date is in the cube: once if it is use, and at least
-- once in all.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

staged_days as (

    select
        cast(events.occurred_at as date) as activity_date,
        count(*) as events
    from {{ ref('stg_events') }} as events
    cross join as_of
    where cast(events.occurred_at as date) <= as_of.as_of_date
    group by cast(events.occurred_at as date)

),

cube_days as (

    select
        activity_date,
        sum(event_count) as meanings,
        sum(usage_events) as usage_events
    from {{ ref('daily_usage') }}
    group by activity_date

)

select
    coalesce(staged_days.activity_date, cube_days.activity_date) as activity_date,
    staged_days.events,
    cube_days.meanings,
    cube_days.usage_events
from staged_days
full outer join cube_days
    on staged_days.activity_date = cube_days.activity_date
where
    staged_days.activity_date is null
    or cube_days.activity_date is null
    or cube_days.meanings < staged_days.events
    or cube_days.usage_events > staged_days.events
