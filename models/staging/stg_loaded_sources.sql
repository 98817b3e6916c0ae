-- One row per raw table, with whether anything was found for it.
with

loaded_sources as (

    select * from {{ source('reference', 'loaded_sources') }}

),

raw_tables as (

    select
        {{ dbt.split_part('relation_name', "'.'", 2) }} as source_table,
        fingerprint != 'absent' as is_present
    from loaded_sources
    where relation_name like 'raw.%'

)

select * from raw_tables
