-- One row per user_id and workspace_id that the user used or owns, up to as_of_date.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

users as (

    select * from {{ ref('int_users') }}

),

daily_usage as (

    select * from {{ ref('daily_usage') }}

),

workspaces as (

    select * from {{ ref('stg_workspaces') }}

),

used_workspaces as (

    select
        daily_usage.user_id,
        daily_usage.workspace_id,
        {{ total('daily_usage.usage_events') }} as usage_events,
        min(daily_usage.activity_date) as first_used_on,
        min(daily_usage.first_at) as first_used_at,
        max(daily_usage.last_at) as last_used_at
    from daily_usage
    inner join users
        on daily_usage.user_id = users.user_id
    where
        daily_usage.workspace_id is not null
        and daily_usage.counts_as_usage
    group by daily_usage.user_id, daily_usage.workspace_id

),

owned_workspaces as (

    select
        workspaces.owner_user_id as user_id,
        workspaces.workspace_id,
        cast(workspaces.created_at as date) as created_on
    from workspaces
    inner join users
        on workspaces.owner_user_id = users.user_id
    cross join as_of
    where
        workspaces.created_at is null
        or cast(workspaces.created_at as date) <= as_of.as_of_date

),

user_workspaces as (

    select
        coalesce(used_workspaces.user_id, owned_workspaces.user_id) as user_id,
        coalesce(
            used_workspaces.workspace_id, owned_workspaces.workspace_id
        ) as workspace_id,
        coalesce(used_workspaces.usage_events, 0) as usage_events,
        owned_workspaces.user_id is not null as is_owner,
        used_workspaces.first_used_on,
        owned_workspaces.created_on as owned_since,
        used_workspaces.first_used_at,
        used_workspaces.last_used_at
    from used_workspaces
    full outer join owned_workspaces
        on
            used_workspaces.user_id = owned_workspaces.user_id
            and used_workspaces.workspace_id = owned_workspaces.workspace_id

)

select * from user_workspaces
