-- One row per account_id that is not internal: whether it paid, and who helped.
with

accounts as (

    select * from {{ ref('accounts') }}
    where not is_internal

),

subscriptions as (

    select * from {{ ref('int_account_subscriptions') }}

),

revenue_changes as (

    select * from {{ ref('int_revenue_changes') }}

),

activities as (

    select * from {{ ref('int_crm_activities') }}

),

opportunities as (

    select * from {{ ref('int_crm_opportunities') }}

),

ranked_subscriptions as (

    select
        account_id,
        plan,
        started_at,
        row_number() over (
            partition by account_id
            order by started_at, mrr_usd desc, subscription_id
        ) as subscription_rank
    from subscriptions
    where is_paid

),

first_subscriptions as (

    select
        account_id,
        plan,
        started_at as first_paid_at,
        {{ add_days('cast(started_at as date)', -90) }} as assisted_from
    from ranked_subscriptions
    where subscription_rank = 1

),

-- A mail that nobody answered helped nobody; a call or a meeting did, whoever began it.
helps as (

    select
        account_id,
        activity_type as help,
        occurred_at as helped_at
    from activities
    where
        activity_type in ('call', 'meeting')
        or (activity_type = 'email' and outcome in ('replied', 'meeting_booked'))
    union all
    select
        account_id,
        'opportunity' as help,
        created_at as helped_at
    from opportunities

),

assisted_accounts as (

    select
        first_subscriptions.account_id,
        min(helps.helped_at) as first_assisted_at
    from first_subscriptions
    inner join helps
        on first_subscriptions.account_id = helps.account_id
    where
        helps.helped_at <= first_subscriptions.first_paid_at
        and cast(helps.helped_at as date) >= first_subscriptions.assisted_from
    group by first_subscriptions.account_id

),

revenue as (

    select
        account_id,
        12 * sum(
            case when change_type = 'new' then mrr_change_usd else 0 end
        ) as new_revenue_usd,
        12 * sum(
            case when change_type = 'expansion' then mrr_change_usd else 0 end
        ) as expansion_revenue_usd,
        {{ total("case when change_type = 'expansion' then 1 else 0 end") }}
            as expansions,
        max(case when change_type = 'churn' then changed_on end) as churned_on,
        max(case when change_type != 'churn' then changed_on end) as changed_on
    from revenue_changes
    group by account_id

),

deals as (

    select
        account_id,
        {{ total("case when is_won then 1 else 0 end") }} as won_opportunities,
        {{ total("case when not is_won and not is_open then 1 else 0 end") }}
            as lost_opportunities,
        {{ total("case when is_open then 1 else 0 end") }} as open_opportunities,
        sum(case when is_won then coalesce(amount_usd, 0) else 0 end)
            as won_amount_usd,
        {{ total(
            "case when is_won and opportunity_type = 'expansion' then 1 else 0 end"
        ) }} as won_expansions,
        min(case when is_won then closed_at end) as first_won_at
    from opportunities
    where account_id is not null
    group by account_id

),

account_outcomes as (

    select
        accounts.account_id,
        case
            when first_subscriptions.account_id is null then null
            when assisted_accounts.account_id is not null then 'sales_assisted'
            else 'self_serve'
        end as conversion_motion,
        first_subscriptions.plan as first_paid_plan,
        coalesce(revenue.new_revenue_usd, 0) as new_revenue_usd,
        coalesce(revenue.expansion_revenue_usd, 0) as expansion_revenue_usd,
        coalesce(revenue.expansions, 0) as expansions,
        coalesce(deals.won_opportunities, 0) as won_opportunities,
        coalesce(deals.won_amount_usd, 0) as won_amount_usd,
        coalesce(deals.won_expansions, 0) as won_expansions,
        coalesce(deals.lost_opportunities, 0) as lost_opportunities,
        coalesce(deals.open_opportunities, 0) as open_opportunities,
        coalesce(revenue.churned_on >= revenue.changed_on, false) as is_churned,
        case
            when revenue.churned_on >= revenue.changed_on then revenue.churned_on
        end as churned_on,
        first_subscriptions.first_paid_at,
        assisted_accounts.first_assisted_at,
        deals.first_won_at
    from accounts
    left join first_subscriptions
        on accounts.account_id = first_subscriptions.account_id
    left join assisted_accounts
        on accounts.account_id = assisted_accounts.account_id
    left join revenue
        on accounts.account_id = revenue.account_id
    left join deals
        on accounts.account_id = deals.account_id

)

select * from account_outcomes
