-- An as-of date before the first event scores nobody: mistyped, most likely.
{{ config(severity='warn') }}

select
    as_of.as_of_date,
    min(arrivals.occurred_on) as first_event_on
from {{ ref('stg_event_arrivals') }} as arrivals
cross join {{ ref('int_as_of_date') }} as as_of
group by as_of.as_of_date
having min(arrivals.occurred_on) > as_of.as_of_date
