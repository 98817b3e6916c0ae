-- Every staged event up to as_of_date is in the cube: once if it is use, and at least
-- once in all.
with

staged_days as (

    select
        activity_date,
        events
    from {{ ref('int_usage_days') }}

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
