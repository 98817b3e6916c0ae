-- One row: the day this build's scores are for.
-- depends_on: {{ ref('seed_problems') }}
{%- do check_variables() -%}
{%- set as_of_date = var('as_of_date') or env_var('PLS_AS_OF_DATE', '') %}
with

arrivals as (

    select * from {{ ref('stg_event_arrivals') }}

),

-- Today's partial day never counts.
last_whole_day as (

    select max(occurred_on) as activity_date
    from arrivals
    where occurred_on < cast({{ build_clock() }} as date)

),

as_of as (

    select
        coalesce(
            cast(nullif('{{ as_of_date }}', '') as date),
            activity_date,
            {{ add_days('cast(' ~ build_clock() ~ ' as date)', -1) }}
        ) as as_of_date
    from last_whole_day

)

select * from as_of
