-- One row per raw row of crm_activities: typed, trimmed and judged.
with

raw_rows as (

    select * from {{ source('raw', 'crm_activities') }}

),

cast_rows as (

    select
        {{ contract_casts('crm_activities') }}
    from raw_rows

),

judged_rows as (

    select
        *,
        {{ contract_is_dropped('crm_activities') }} as is_dropped,
        {{ contract_verdict('crm_activities') }} as verdict
    from cast_rows

),

typed_rows as (

    select
        {{ contract_columns('crm_activities') }},
        verdict,
        is_dropped,
        case
            when verdict is not null then {{ contract_key('crm_activities') }}
        end as row_key,
        case
            when verdict is not null
                then {{ json_row(raw_contract('crm_activities').columns) }}
        end as raw_row
    from judged_rows

),

numbered_rows as (

    select
        *,
        row_number() over (
            partition by is_dropped, activity_id
            order by {{ contract_preference('crm_activities') }}, coalesce(raw_row, '')
        ) as copy_number
    from typed_rows

)

select * from numbered_rows
