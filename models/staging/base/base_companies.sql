-- One row per raw row of companies: typed, trimmed and judged.
with

raw_rows as (

    select * from {{ source('raw', 'companies') }}

),

cast_rows as (

    select
        {{ contract_casts('companies') }}
    from raw_rows

),

judged_rows as (

    select
        *,
        {{ contract_is_dropped('companies') }} as is_dropped,
        {{ contract_verdict('companies') }} as verdict
    from cast_rows

),

typed_rows as (

    select
        {{ contract_columns('companies') }},
        verdict,
        is_dropped,
        case
            when verdict is not null then {{ contract_key('companies') }}
        end as row_key,
        case
            when verdict is not null
                then {{ json_row(raw_contract('companies').columns) }}
        end as raw_row
    from judged_rows

),

numbered_rows as (

    select
        *,
        row_number() over (
            partition by is_dropped, domain
            order by {{ contract_preference('companies') }}, coalesce(raw_row, '')
        ) as copy_number
    from typed_rows

)

select * from numbered_rows
