-- One row per calendar_on, from the first month of the metrics to as_of_date.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

cases as (

    select * from {{ ref('pls_metric_cases') }}

),

first_month as (

    select min(period_month) as period_month
    from cases

),

days_back as (

    {{ number_series(10000) }}

),

calendar_days as (

    select
        {{ add_days('as_of.as_of_date', '-days_back.n') }} as calendar_on
    from as_of
    cross join first_month
    cross join days_back
    where
        {{ add_days('as_of.as_of_date', '-days_back.n') }} >= coalesce(
            first_month.period_month, {{ month_start('as_of.as_of_date') }}
        )

)

select * from calendar_days
