-- One row per raw row of crm_accounts: typed, trimmed and judged.
with

raw_rows as (

    select * from {{ source('raw', 'crm_accounts') }}

),

cast_rows as (

    select
        {{ contract_casts('crm_accounts') }}
    from raw_rows

),

judged_rows as (

    select
        *,
        {{ contract_is_dropped('crm_accounts') }} as is_dropped,
        {{ contract_verdict('crm_accounts') }} as verdict
    from cast_rows

),

typed_rows as (

    select
        {{ contract_columns('crm_accounts') }},
        verdict,
        is_dropped,
        case
            when verdict is not null then {{ contract_key('crm_accounts') }}
        end as row_key,
        case
            when verdict is not null
                then {{ json_row(raw_contract('crm_accounts').columns) }}
        end as raw_row
    from judged_rows

),

numbered_rows as (

    select
        *,
        row_number() over (
            partition by is_dropped, crm_account_id
            order by {{ contract_preference('crm_accounts') }}, coalesce(raw_row, '')
        ) as copy_number
    from typed_rows

)

select * from numbered_rows
