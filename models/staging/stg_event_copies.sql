-- One row per copy of an event_id that came more than once, numbered from the kept one.
{{ config(on_schema_change='fail', **rewritten_rows('event_id')) }}

{#- The arrivals that the last build had looked at; those that came or changed since are
    compared with all others. -#}
{%- set known_arrivals = adapter.get_relation(
    this.database, this.schema, 'stg_event_arrivals'
) if is_incremental() -%}

with

{% if known_arrivals %}
-- The events are named where they are read, each time: a query that is named once and
-- read twice is written down by some engines, with all its columns.
loaded_days as (

    select
        received_on,
        loaded_at
    from {{ ref('base_events') }}
    group by received_on, loaded_at

),

new_days as (

    select loaded_days.received_on
    from loaded_days
    left join {{ known_arrivals }} as known_arrivals
        on
            loaded_days.received_on = known_arrivals.received_on
            and loaded_days.loaded_at = known_arrivals.loaded_at
    where known_arrivals.received_on is null
    group by loaded_days.received_on

),

known_copies as (

    select
        event_id,
        event_key
    from {{ this }}
    where
        event_id in (
            select event_id from {{ this }}
            where received_on in (select received_on from new_days)
        )
    group by event_id, event_key

),

keys_to_compare as (

    select event_key from {{ ref('base_events') }}
    where
        not is_dropped
        and received_on in (select received_on from new_days)
    union all
    select event_key from known_copies

),

rows_to_compare as {{ not_materialized() }} (

    select * from {{ ref('base_events') }}
    where
        not is_dropped
        and event_key in (select event_key from keys_to_compare)

),
{% else %}
rows_to_compare as {{ not_materialized() }} (

    select * from {{ ref('base_events') }}
    where not is_dropped

),
{% endif %}

-- The key is a short number: cheap to count, and nearly unique.
repeated_keys as (

    select event_key
    from rows_to_compare
    group by event_key
    having count(*) > 1

),

rows_of_repeated_keys as (

    select * from rows_to_compare
    where event_key in (select repeated_keys.event_key from repeated_keys)

),

ranked_copies as (

    select
        *,
        count(*) over (partition by event_id) as copies,
        row_number() over (
            partition by event_id
            order by {{ contract_preference('events') }}
        ) as copy_number
    from rows_of_repeated_keys

),

copies as (

    select
        event_id,
        event_name,
        user_id,
        anonymous_id,
        workspace_id,
        properties,
        event_key,
        copy_number,
        occurred_on,
        received_on,
        occurred_at,
        received_at,
        loaded_at
    from ranked_copies
    where copies > 1
    {% if known_arrivals %}
    union all
    -- What is left of an event when a file was sent again without some of its copies:
    -- number 0 says that it is no copy any more.
    select
        known_copies.event_id,
        cast(null as {{ dbt.type_string() }}) as event_name,
        cast(null as {{ dbt.type_string() }}) as user_id,
        cast(null as {{ dbt.type_string() }}) as anonymous_id,
        cast(null as {{ dbt.type_string() }}) as workspace_id,
        cast(null as {{ dbt.type_string() }}) as properties,
        known_copies.event_key,
        0 as copy_number,
        cast(null as date) as occurred_on,
        cast(null as date) as received_on,
        cast(null as timestamp) as occurred_at,
        cast(null as timestamp) as received_at,
        cast(null as timestamp) as loaded_at
    from known_copies
    left join ranked_copies
        on known_copies.event_id = ranked_copies.event_id and ranked_copies.copies > 1
    where ranked_copies.event_id is null
    {% endif %}

)

select * from copies
