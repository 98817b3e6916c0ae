-- One row per raw row of events: typed, trimmed and judged.
{{ config(on_schema_change='fail', **rewritten_days('received_on')) }}

{#- Raw rows are read once: later builds read the days of arrival that changed. -#}
{%- set days_to_read = arrivals_to_read(this) if is_incremental() -%}

with

raw_rows as (

    select * from {{ source('raw', 'events') }}
    {% if days_to_read %}
    where {{ arrived_since(days_to_read[0]) }}
    {% endif %}

),

cast_rows as (

    select
        {{ contract_casts('events') }}
    from raw_rows

),

arrived_rows as (

    select
        *,
        {{ arrival_day(
            'received_at', 'occurred_at', 'raw_received_at', 'raw_occurred_at'
        ) }} as received_on
    from cast_rows

),

rows_to_read as (

    select * from arrived_rows
    {% if is_incremental() %}
    where
        {% if days_to_read %}
        received_on in (
            {% for day in days_to_read %}
            cast('{{ day }}' as date){{ ',' if not loop.last }}
            {% endfor %}
        )
        {% else %}
        false
        {% endif %}
    {% endif %}

),

judged_rows as (

    select
        *,
        {{ contract_is_dropped('events') }} as is_dropped,
        {{ contract_verdict('events') }} as verdict
    from rows_to_read

),

typed_rows as (

    select
        {{ contract_columns('events') }},
        {{ row_fingerprint(['event_id']) }} as event_key,
        verdict,
        is_dropped,
        case
            when verdict is not null then {{ contract_key('events') }}
        end as row_key,
        case
            when verdict is not null
                then {{ json_row(raw_contract('events').columns) }}
        end as raw_row,
        cast(occurred_at as date) as occurred_on,
        received_on,
        {{ run_moment() }} as loaded_at
    from judged_rows

)

select * from typed_rows
