-- One row per subscription_id begun by as_of_date, with the account it is of.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

subscriptions as (

    select * from {{ ref('stg_subscriptions') }}

),

mapped_users as (

    select * from {{ ref('int_users_mapped_to_accounts') }}

),

user_workspaces as (

    select * from {{ ref('int_user_workspaces') }}

),

domains as (

    select * from {{ ref('int_domains') }}
    where not is_personal

),

plans as (

    select * from {{ ref('plans') }}

),

-- A workspace's subscription is its owner's account's, else of whoever uses it most.
ranked_workspace_accounts as (

    select
        user_workspaces.workspace_id,
        mapped_users.account_id,
        row_number() over (
            partition by user_workspaces.workspace_id
            order by
                max(case when user_workspaces.is_owner then 1 else 0 end) desc,
                sum(user_workspaces.usage_events) desc,
                mapped_users.account_id
        ) as account_rank
    from user_workspaces
    inner join mapped_users
        on user_workspaces.user_id = mapped_users.user_id
    group by user_workspaces.workspace_id, mapped_users.account_id

),

begun_subscriptions as (

    select
        subscriptions.subscription_id,
        coalesce(
            mapped_users.account_id,
            ranked_workspace_accounts.account_id,
            domains.canonical_domain
        ) as account_id,
        subscriptions.plan,
        subscriptions.seats,
        coalesce(subscriptions.mrr_usd, 0) as mrr_usd,
        coalesce(subscriptions.mrr_usd > 0 or plans.is_paid, false) as is_paid,
        subscriptions.ended_at is null
        or cast(subscriptions.ended_at as date) > as_of.as_of_date as is_current,
        subscriptions.started_at,
        case
            when cast(subscriptions.ended_at as date) <= as_of.as_of_date
                then subscriptions.ended_at
        end as ended_at
    from subscriptions
    cross join as_of
    left join plans
        on subscriptions.plan = plans.plan
    left join mapped_users
        on subscriptions.user_id = mapped_users.user_id
    left join ranked_workspace_accounts
        on
            subscriptions.workspace_id = ranked_workspace_accounts.workspace_id
            and ranked_workspace_accounts.account_rank = 1
    left join domains
        on subscriptions.domain = domains.host
    where cast(subscriptions.started_at as date) <= as_of.as_of_date

),

account_subscriptions as (

    select *
    from begun_subscriptions
    where account_id is not null

)

select * from account_subscriptions
