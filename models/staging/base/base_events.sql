-- One row per raw row of events: typed, trimmed and judged.
{{ config(materialized='view') }}

with

raw_rows as (

    select * from {{ source('raw', 'events') }}

),

cast_rows as (

    select
        {{ contract_casts('events') }}
    from raw_rows

),

judged_rows as (

    select
        *,
        {{ contract_is_dropped('events') }} as is_dropped,
        {{ contract_verdict('events') }} as verdict
    from cast_rows

),

typed_rows as (

    select
        {{ contract_columns('events') }},
        verdict,
        is_dropped,
        case
            when verdict is not null then {{ contract_key('events') }}
        end as row_key,
        case
            when verdict is not null
                then {{ json_row(raw_contract('events').columns) }}
        end as raw_row
    from judged_rows

)

select * from typed_rows
