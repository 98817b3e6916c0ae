-- One row per event up to as_of_date, with the user it is attributed to, if any.
{{ config(materialized='view') }}

with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

events as (

    select * from {{ ref('stg_events') }}

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

past_events as (

    select
        events.*,
        case when events.user_id is null then events.anonymous_id end as stitched_id
    from events
    cross join as_of
    where events.occurred_on <= as_of.as_of_date

),

attributed_events as (

    select
        past_events.event_id,
        coalesce(past_events.user_id, owners.user_id) as user_id,
        past_events.workspace_id,
        past_events.event_name,
        past_events.properties,
        past_events.user_id is null and owners.user_id is not null as is_stitched,
        past_events.occurred_on as activity_date,
        past_events.occurred_at
    from past_events
    left join owners
        on
            past_events.stitched_id = owners.anonymous_id
            and past_events.occurred_at > owners.owned_after
            and past_events.occurred_at <= owners.owned_until

)

select * from attributed_events
