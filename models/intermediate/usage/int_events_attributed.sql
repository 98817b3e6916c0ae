-- One row per event, with the user it is attributed to, if any.
{{ config(materialized='view') }}

with

events as (

    select
        *,
        case when user_id is null then anonymous_id end as stitched_id
    from {{ ref('stg_events') }}

),

-- Bounds that are always there keep the join below a hash join on anonymous_id.
owners as (

    select
        anonymous_id,
        user_id,
        coalesce(owned_after, cast('1900-01-01' as timestamp)) as owned_after,
        coalesce(owned_until, cast('9999-12-31' as timestamp)) as owned_until
    from {{ ref('int_anonymous_id_owners') }}

),

attributed_events as (

    select
        events.event_id,
        coalesce(events.user_id, owners.user_id) as user_id,
        events.workspace_id,
        events.event_name,
        events.properties,
        events.user_id is null and owners.user_id is not null as is_stitched,
        events.occurred_on as activity_date,
        events.occurred_at
    from events
    left join owners
        on
            events.stitched_id = owners.anonymous_id
            and events.occurred_at > owners.owned_after
            and events.occurred_at <= owners.owned_until

)

select * from attributed_events
