-- One row per raw row of nps_responses: typed, trimmed and judged.
with

raw_rows as (

    select * from {{ source('raw', 'nps_responses') }}

),

cast_rows as (

    select
        {{ contract_casts('nps_responses') }}
    from raw_rows

),

judged_rows as (

    select
        *,
        {{ contract_is_dropped('nps_responses') }} as is_dropped,
        {{ contract_verdict('nps_responses') }} as verdict
    from cast_rows

),

typed_rows as (

    select
        {{ contract_columns('nps_responses') }},
        verdict,
        is_dropped,
        case
            when verdict is not null then {{ contract_key('nps_responses') }}
        end as row_key,
        case
            when verdict is not null
                then {{ json_row(raw_contract('nps_responses').columns) }}
        end as raw_row
    from judged_rows

),

numbered_rows as (

    select
        *,
        row_number() over (
            partition by is_dropped, response_id
            order by {{ contract_preference('nps_responses') }}, coalesce(raw_row, '')
        ) as copy_number
    from typed_rows

)

select * from numbered_rows
