-- An as-of date before the first event scores nobody. One that was asked for is
-- mistyped, most likely, and would clear the CRM; a new company has no other.
{%- set asked_for = var('as_of_date') or env_var('PLS_AS_OF_DATE', '') %}
{{ config(severity='error' if asked_for else 'warn') }}

select
    as_of.as_of_date,
    min(arrivals.occurred_on) as first_event_on
from {{ ref('stg_event_arrivals') }} as arrivals
cross join {{ ref('int_as_of_date') }} as as_of
group by as_of.as_of_date
having min(arrivals.occurred_on) > as_of.as_of_date
