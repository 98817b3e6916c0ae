-- One row per raw row of support_tickets: typed, trimmed and judged.
with

raw_rows as (

    select * from {{ source('raw', 'support_tickets') }}

),

cast_rows as (

    select
        {{ contract_casts('support_tickets') }}
    from raw_rows

),

judged_rows as (

    select
        *,
        {{ contract_is_dropped('support_tickets') }} as is_dropped,
        {{ contract_verdict('support_tickets') }} as verdict
    from cast_rows

),

typed_rows as (

    select
        {{ contract_columns('support_tickets') }},
        verdict,
        is_dropped,
        case
            when verdict is not null then {{ contract_key('support_tickets') }}
        end as row_key,
        case
            when verdict is not null
                then {{ json_row(raw_contract('support_tickets').columns) }}
        end as raw_row
    from judged_rows

),

numbered_rows as (

    select
        *,
        row_number() over (
            partition by is_dropped, ticket_id
            order by {{ contract_preference('support_tickets') }}, coalesce(raw_row, '')
        ) as copy_number
    from typed_rows

)

select * from numbered_rows
