-- One row per account_id, score_model and as_of_date on which it was active in 30 days.
with

account_scores as (

    select * from {{ ref('int_account_scores') }}

),

pqa_score_history as (

    select
        account_id,
        score_model,
        tier_name,
        tier,
        score,
        user_score,
        account_signal_score,
        fit_score,
        engagement_score,
        users,
        active_users_30d,
        as_of_date
    from account_scores
    where
        score_model = '{{ var("active_score_model") }}'
        and active_users_30d > 0

)

select * from pqa_score_history
