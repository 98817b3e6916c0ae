-- One row per account_id that is not internal: how far it has come since landing.
with

accounts as (

    select * from {{ ref('accounts') }}
    where not is_internal

),

outcomes as (

    select * from {{ ref('account_outcomes') }}

),

qualified_accounts as (

    select * from {{ ref('qualified_accounts') }}

),

sales_triggers as (

    select * from {{ ref('sales_triggers') }}

),

activities as (

    select * from {{ ref('int_crm_activities') }}
    where is_touch

),

opportunities as (

    select * from {{ ref('int_crm_opportunities') }}

),

revenue_changes as (

    select * from {{ ref('int_revenue_changes') }}
    where change_type in ('expansion', 'reactivation')

),

first_signals as (

    select
        account_id,
        min(triggered_on) as signal_on
    from sales_triggers
    group by account_id

),

-- Sales engages with what it does after the account qualified.
engagements as (

    select
        account_id,
        cast(occurred_at as date) as engaged_on
    from activities
    where account_id is not null
    union all
    select
        account_id,
        cast(created_at as date) as engaged_on
    from opportunities
    where account_id is not null

),

first_engagements as (

    select
        engagements.account_id,
        min(engagements.engaged_on) as engaged_on
    from engagements
    inner join qualified_accounts
        on
            engagements.account_id = qualified_accounts.account_id
            and engagements.engaged_on >= qualified_accounts.qualified_on
    group by engagements.account_id

),

-- A deal that sales helped with; a subscription bought alone is still landing.
deals as (

    select
        account_id,
        case
            when conversion_motion = 'sales_assisted'
                then cast(first_paid_at as date)
            else cast(first_won_at as date)
        end as expanded_on
    from outcomes
    where not is_churned

),

first_growth as (

    select
        deals.account_id,
        min(revenue_changes.changed_on) as grown_on
    from deals
    inner join revenue_changes
        on
            deals.account_id = revenue_changes.account_id
            and deals.expanded_on < revenue_changes.changed_on
    group by deals.account_id

),

reached_stages as (

    select
        accounts.account_id,
        accounts.first_seen_on as landed_on,
        first_signals.signal_on,
        qualified_accounts.qualified_on,
        first_engagements.engaged_on,
        deals.expanded_on,
        first_growth.grown_on
    from accounts
    left join first_signals
        on accounts.account_id = first_signals.account_id
    left join qualified_accounts
        on accounts.account_id = qualified_accounts.account_id
    left join first_engagements
        on accounts.account_id = first_engagements.account_id
    left join deals
        on accounts.account_id = deals.account_id
    left join first_growth
        on accounts.account_id = first_growth.account_id

),

account_stages as (

    select
        account_id,
        case
            when grown_on is not null then 'grow'
            when expanded_on is not null then 'expand'
            when engaged_on is not null then 'engage'
            when qualified_on is not null then 'qualify'
            when signal_on is not null then 'signal'
            else 'land'
        end as stage,
        coalesce(
            grown_on, expanded_on, engaged_on, qualified_on, signal_on, landed_on
        ) as entered_on,
        landed_on,
        signal_on,
        qualified_on,
        engaged_on,
        expanded_on,
        grown_on
    from reached_stages

)

select * from account_stages
