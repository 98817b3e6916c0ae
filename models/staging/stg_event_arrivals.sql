-- One row per received_on and occurred_on: the accepted raw events the last build knew.
{{ config(on_schema_change='fail', **rewritten_days('received_on')) }}
-- depends_on: {{ ref('stg_event_copies') }}
-- Built after stg_event_copies, which reads the version of the build before: a build
-- that is killed in between compares the same arrivals once more.
with

{% if is_incremental() %}
loaded_days as (

    select
        received_on,
        loaded_at
    from {{ ref('base_events') }}
    where not is_dropped
    group by received_on, loaded_at

),

known_arrivals as (

    select
        received_on,
        loaded_at
    from {{ this }}
    group by received_on, loaded_at

),

new_days as (

    select loaded_days.received_on
    from loaded_days
    left join known_arrivals
        on
            loaded_days.received_on = known_arrivals.received_on
            and loaded_days.loaded_at = known_arrivals.loaded_at
    where known_arrivals.received_on is null

),
{% endif %}

arrivals as (

    select
        count(*) as accepted_rows,
        sum({{ row_fingerprint([
            'event_id', 'user_id', 'anonymous_id', 'workspace_id', 'event_name',
            'properties', 'occurred_at', 'received_at',
        ]) }}) as fingerprint,
        received_on,
        occurred_on,
        max(loaded_at) as loaded_at
    from {{ ref('base_events') }}
    where
        not is_dropped
    {% if is_incremental() %}
        and received_on in (select new_days.received_on from new_days)
    {% endif %}
    group by received_on, occurred_on

)

select * from arrivals
