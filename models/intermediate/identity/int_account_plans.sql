-- One row per account with a subscription on as_of_date: its plan and whether it pays.
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

current_subscriptions as (

    select
        coalesce(
            mapped_users.account_id,
            ranked_workspace_accounts.account_id,
            domains.canonical_domain
        ) as account_id,
        subscriptions.subscription_id,
        subscriptions.plan,
        subscriptions.seats,
        coalesce(subscriptions.mrr_usd, 0) as mrr_usd,
        case
            when subscriptions.mrr_usd > 0 or plans.is_paid
                then cast(subscriptions.started_at as date)
        end as paid_since,
        subscriptions.started_at
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
    where
        cast(subscriptions.started_at as date) <= as_of.as_of_date
        and (
            subscriptions.ended_at is null
            or cast(subscriptions.ended_at as date) > as_of.as_of_date
        )

),

ranked_subscriptions as (

    select
        *,
        sum(mrr_usd) over (partition by account_id) as account_mrr_usd,
        max(paid_since) over (partition by account_id) as account_paid_since,
        cast(
            sum(seats) over (partition by account_id) as {{ dbt.type_bigint() }}
        ) as account_seats,
        row_number() over (
            partition by account_id
            order by mrr_usd desc, started_at desc, subscription_id
        ) as subscription_rank
    from current_subscriptions
    where account_id is not null

),

account_plans as (

    select
        account_id,
        plan,
        account_seats as seats,
        account_mrr_usd as mrr_usd,
        account_mrr_usd > 0 as is_paying,
        account_paid_since as paid_since
    from ranked_subscriptions
    where subscription_rank = 1

)

select * from account_plans
