-- One row per raw row of users: typed, trimmed and judged.
with

raw_rows as (

    select * from {{ source('raw', 'users') }}

),

cast_rows as (

    select
        {{ contract_casts('users') }}
    from raw_rows

),

judged_rows as (

    select
        *,
        {{ contract_is_dropped('users') }} as is_dropped,
        {{ contract_verdict('users') }} as verdict
    from cast_rows

),

typed_rows as (

    select
        {{ contract_columns('users') }},
        verdict,
        is_dropped,
        case
            when verdict is not null then {{ contract_key('users') }}
        end as row_key,
        case
            when verdict is not null
                then {{ json_row(raw_contract('users').columns) }}
        end as raw_row
    from judged_rows

),

numbered_rows as (

    select
        *,
        row_number() over (
            partition by is_dropped, user_id
            order by {{ contract_preference('users') }}, coalesce(raw_row, '')
        ) as copy_number
    from typed_rows

)

select * from numbered_rows
