-- One row per raw row of deal_feedback: typed, trimmed and judged.
with

raw_rows as (

    select * from {{ source('raw', 'deal_feedback') }}

),

cast_rows as (

    select
        {{ contract_casts('deal_feedback') }}
    from raw_rows

),

judged_rows as (

    select
        *,
        {{ contract_is_dropped('deal_feedback') }} as is_dropped,
        {{ contract_verdict('deal_feedback') }} as verdict
    from cast_rows

),

typed_rows as (

    select
        {{ contract_columns('deal_feedback') }},
        verdict,
        is_dropped,
        case
            when verdict is not null then {{ contract_key('deal_feedback') }}
        end as row_key,
        case
            when verdict is not null
                then {{ json_row(raw_contract('deal_feedback').columns) }}
        end as raw_row
    from judged_rows

),

numbered_rows as (

    select
        *,
        row_number() over (
            partition by is_dropped, opportunity_id
            order by {{ contract_preference('deal_feedback') }}, coalesce(raw_row, '')
        ) as copy_number
    from typed_rows

)

select * from numbered_rows
