-- One row per event_id: the accepted events, each once, the earliest received.
{{ config(**rewritten_rows('event_id')) }}

{#- What the last build had counted per day of arrival. The days whose count differs
    now, and the last few, are read again; the rest of the raw rows are not. -#}
{%- set last_arrivals = adapter.get_relation(
    this.database, this.schema, 'stg_event_arrivals'
) if is_incremental() -%}

with

accepted_rows as (

    select
        event_id,
        event_name,
        occurred_at,
        received_at,
        user_id,
        anonymous_id,
        workspace_id,
        properties
    from {{ ref('base_events') }}
    where not is_dropped

),

{% if last_arrivals %}
known_arrivals as (

    select * from {{ last_arrivals }}

),

arrivals as (

    select
        cast(received_at as date) as received_on,
        count(*) as accepted_rows
    from accepted_rows
    group by cast(received_at as date)

),

late_arrivals_start as (

    select
        {{ add_days('max(received_on)', -var('late_arrival_days')) }} as received_on
    from known_arrivals

),

days_to_read as (

    select arrivals.received_on
    from arrivals
    cross join late_arrivals_start
    left join known_arrivals
        on arrivals.received_on = known_arrivals.received_on
    where
        known_arrivals.received_on is null
        or arrivals.accepted_rows != known_arrivals.accepted_rows
        or arrivals.received_on >= late_arrivals_start.received_on

),

rows_to_read as (

    select * from accepted_rows
    where cast(received_at as date) in (select received_on from days_to_read)

),

-- A copy that came earlier may be known already: it competes with the new ones.
candidates as (

    select * from rows_to_read
    union all
    select * from {{ this }}
    where event_id in (select event_id from rows_to_read)

),
{% else %}
candidates as (

    select * from accepted_rows

),
{% endif %}

repeated_ids as (

    select event_id
    from candidates
    group by event_id
    having count(*) > 1

),

-- Only events that came more than once are ordered: ordering all of them costs
-- more than everything else in this model.
ranked_copies as (

    select
        *,
        row_number() over (
            partition by event_id
            order by {{ contract_preference('events') }}
        ) as copy_number
    from candidates
    where event_id in (select repeated_ids.event_id from repeated_ids)

),

unique_events as (

    select * from candidates
    where event_id not in (select repeated_ids.event_id from repeated_ids)
    union all
    select
        event_id,
        event_name,
        occurred_at,
        received_at,
        user_id,
        anonymous_id,
        workspace_id,
        properties
    from ranked_copies
    where copy_number = 1

)

select * from unique_events
