-- One row per account_id, day its subscriptions' revenue changed, and how.
with

subscriptions as (

    select * from {{ ref('int_account_subscriptions') }}
    where is_paid

),

changes as (

    select
        account_id,
        mrr_usd,
        1 as subscriptions,
        cast(started_at as date) as changed_on
    from subscriptions
    union all
    select
        account_id,
        -mrr_usd as mrr_usd,
        -1 as subscriptions,
        cast(ended_at as date) as changed_on
    from subscriptions
    where ended_at is not null

),

-- One that ends as the next begins is a change of plan, not a loss and a gain.
daily_changes as (

    select
        account_id,
        sum(mrr_usd) as mrr_change_usd,
        sum(subscriptions) as subscriptions_change,
        sum(case when subscriptions > 0 then mrr_usd else 0 end) as begun_mrr_usd,
        changed_on
    from changes
    group by account_id, changed_on

),

running_revenue as (

    select
        *,
        sum(mrr_change_usd) over (
            partition by account_id
            order by changed_on
            rows between unbounded preceding and current row
        ) - mrr_change_usd as mrr_before_usd,
        sum(subscriptions_change) over (
            partition by account_id
            order by changed_on
            rows between unbounded preceding and current row
        ) as subscriptions_then,
        row_number() over (
            partition by account_id order by changed_on
        ) as change_number
    from daily_changes

),

-- Who begins and ends on one day was a customer all the same.
told_changes as (

    select
        account_id,
        case
            when change_number = 1 then 'new'
            when subscriptions_then = 0 and subscriptions_change < 0 then 'churn'
            when subscriptions_then = subscriptions_change then 'reactivation'
            when {{ rounded('mrr_change_usd', 2) }} > 0 then 'expansion'
            when {{ rounded('mrr_change_usd', 2) }} < 0 then 'contraction'
            else 'none'
        end as change_type,
        case
            when subscriptions_then = 0 and subscriptions_change = 0
                then begun_mrr_usd
            else mrr_change_usd
        end as mrr_change_usd,
        mrr_before_usd,
        changed_on
    from running_revenue
    union all
    select
        account_id,
        'churn' as change_type,
        -begun_mrr_usd as mrr_change_usd,
        mrr_before_usd + begun_mrr_usd as mrr_before_usd,
        changed_on
    from running_revenue
    where subscriptions_then = 0 and subscriptions_change = 0

),

-- Rounded to the cent: sums of prices leave crumbs that would count as changes.
revenue_changes as (

    select
        account_id,
        change_type,
        {{ rounded('mrr_change_usd', 2) }} as mrr_change_usd,
        {{ rounded('mrr_before_usd', 2) }} as mrr_before_usd,
        changed_on
    from told_changes

)

select * from revenue_changes
