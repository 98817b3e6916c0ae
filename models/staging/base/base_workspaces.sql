-- One row per raw row of workspaces: typed, trimmed and judged.
with

raw_rows as (

    select * from {{ source('raw', 'workspaces') }}

),

cast_rows as (

    select
        {{ contract_casts('workspaces') }}
    from raw_rows

),

judged_rows as (

    select
        *,
        {{ contract_is_dropped('workspaces') }} as is_dropped,
        {{ contract_verdict('workspaces') }} as verdict
    from cast_rows

),

typed_rows as (

    select
        {{ contract_columns('workspaces') }},
        verdict,
        is_dropped,
        case
            when verdict is not null then {{ contract_key('workspaces') }}
        end as row_key,
        case
            when verdict is not null
                then {{ json_row(raw_contract('workspaces').columns) }}
        end as raw_row
    from judged_rows

),

numbered_rows as (

    select
        *,
        row_number() over (
            partition by is_dropped, workspace_id
            order by {{ contract_preference('workspaces') }}, coalesce(raw_row, '')
        ) as copy_number
    from typed_rows

)

select * from numbered_rows
