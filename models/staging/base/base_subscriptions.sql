-- One row per raw row of subscriptions: typed, trimmed and judged.
with

raw_rows as (

    select * from {{ source('raw', 'subscriptions') }}

),

cast_rows as (

    select
        {{ contract_casts('subscriptions') }}
    from raw_rows

),

judged_rows as (

    select
        *,
        {{ contract_is_dropped('subscriptions') }} as is_dropped,
        {{ contract_verdict('subscriptions') }} as verdict
    from cast_rows

),

typed_rows as (

    select
        {{ contract_columns('subscriptions') }},
        verdict,
        is_dropped,
        case
            when verdict is not null then {{ contract_key('subscriptions') }}
        end as row_key,
        case
            when verdict is not null
                then {{ json_row(raw_contract('subscriptions').columns) }}
        end as raw_row
    from judged_rows

),

numbered_rows as (

    select
        *,
        row_number() over (
            partition by is_dropped, subscription_id
            order by {{ contract_preference('subscriptions') }}, coalesce(raw_row, '')
        ) as copy_number
    from typed_rows

)

select * from numbered_rows
