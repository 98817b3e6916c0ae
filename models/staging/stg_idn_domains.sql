-- One row per host: hosts with letters outside ASCII.
with

listed_rows as (

    select * from {{ source('reference', 'idn_domains') }}

),

idn_domains as (

    select
        host,
        ascii_host
    from listed_rows

)

select * from idn_domains
