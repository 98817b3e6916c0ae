-- One row per received_on: how many accepted raw events the last build knew of.
{{ config(materialized='table') }}
-- depends_on: {{ ref('stg_events') }}
-- Built after stg_events, which reads the version of the build before: a build that is
-- killed in between reads the same days once more.
with

judged_rows as (

    select * from {{ ref('base_events') }}

),

arrivals as (

    select
        cast(received_at as date) as received_on,
        count(*) as accepted_rows
    from judged_rows
    where not is_dropped
    group by cast(received_at as date)

)

select * from arrivals
