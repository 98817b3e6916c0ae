-- An as-of date before the first event scores nobody: mistyped, most likely.
{{ config(severity='warn') }}

select
    as_of.as_of_date,
    min(cast(events.occurred_at as date)) as first_event_on
from {{ ref('stg_events') }} as events
cross join {{ ref('int_as_of_date') }} as as_of
group by as_of.as_of_date
having min(cast(events.occurred_at as date)) > as_of.as_of_date
