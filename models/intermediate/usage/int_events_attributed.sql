-- One row per event up to as_of_date, with the user it is attributed to, if any.
{{ config(materialized='view') }}

with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

events as (

    select * from {{ ref('stg_events') }}

),

owners as (

    select * from {{ ref('int_anonymous_id_owners') }}

),

past_events as (

    select
        events.*,
        cast(events.occurred_at as date) as activity_date
    from events
    cross join as_of
    where cast(events.occurred_at as date) <= as_of.as_of_date

),

attributed_events as (

    select
        past_events.event_id,
        coalesce(past_events.user_id, owners.user_id) as user_id,
        past_events.workspace_id,
        past_events.event_name,
        past_events.properties,
        past_events.user_id is null and owners.user_id is not null as is_stitched,
        past_events.activity_date,
        past_events.occurred_at
    from past_events
    left join owners
        on
            past_events.user_id is null
            and past_events.anonymous_id = owners.anonymous_id
            and (
                owners.owned_after is null
                or past_events.occurred_at > owners.owned_after
            )
            and (
                owners.owned_until is null
                or past_events.occurred_at <= owners.owned_until
            )

)

select * from attributed_events
