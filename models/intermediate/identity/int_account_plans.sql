-- One row per account with a subscription on as_of_date: its plan and whether it pays.
with

current_subscriptions as (

    select * from {{ ref('int_account_subscriptions') }}
    where is_current

),

ranked_subscriptions as (

    select
        account_id,
        plan,
        sum(mrr_usd) over (partition by account_id) as account_mrr_usd,
        cast(
            sum(seats) over (partition by account_id) as {{ dbt.type_bigint() }}
        ) as account_seats,
        row_number() over (
            partition by account_id
            order by mrr_usd desc, started_at desc, subscription_id
        ) as subscription_rank
    from current_subscriptions

),

account_plans as (

    select
        account_id,
        plan,
        account_seats as seats,
        account_mrr_usd as mrr_usd,
        account_mrr_usd > 0 as is_paying
    from ranked_subscriptions
    where subscription_rank = 1

)

select * from account_plans
