-- One row per subscription_id: the accepted rows of subscriptions, each once.
with

judged_rows as (

    select * from {{ ref('base_subscriptions') }}

),

accepted_rows as (

    select
        subscription_id,
        workspace_id,
        user_id,
        domain,
        plan,
        seats,
        mrr_usd,
        started_at,
        ended_at
    from judged_rows
    where not is_dropped and copy_number = 1

)

select * from accepted_rows
