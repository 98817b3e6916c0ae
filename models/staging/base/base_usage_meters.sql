-- One row per raw row of usage_meters: typed, trimmed and judged.
with

raw_rows as (

    select * from {{ source('raw', 'usage_meters') }}

),

cast_rows as (

    select
        {{ contract_casts('usage_meters') }}
    from raw_rows

),

judged_rows as (

    select
        *,
        {{ contract_is_dropped('usage_meters') }} as is_dropped,
        {{ contract_verdict('usage_meters') }} as verdict
    from cast_rows

),

typed_rows as (

    select
        {{ contract_columns('usage_meters') }},
        verdict,
        is_dropped,
        case
            when verdict is not null then {{ contract_key('usage_meters') }}
        end as row_key,
        case
            when verdict is not null
                then {{ json_row(raw_contract('usage_meters').columns) }}
        end as raw_row
    from judged_rows

),

numbered_rows as (

    select
        *,
        row_number() over (
            partition by is_dropped, workspace_id, meter, measured_on
            order by {{ contract_preference('usage_meters') }}, coalesce(raw_row, '')
        ) as copy_number
    from typed_rows

)

select * from numbered_rows
