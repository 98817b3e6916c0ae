-- One row per account_id, score_model and as_of_date on which it was active in 30 days.
{{ config(**history_rows(['account_id', 'score_model', 'as_of_date'], 'as_of_date')) }}

with

restarts as (

    select * from {{ ref('int_score_restarts') }}

),

account_scores as (

    select * from {{ ref('int_account_scores') }}

),

pqa_score_history as (

    select
        account_scores.account_id,
        account_scores.score_model,
        account_scores.tier_name,
        account_scores.tier,
        account_scores.score,
        account_scores.user_score,
        account_scores.account_signal_score,
        account_scores.fit_score,
        account_scores.engagement_score,
        account_scores.users,
        account_scores.active_users_30d,
        account_scores.departments_30d,
        account_scores.growth_weeks,
        account_scores.hot_users,
        account_scores.as_of_date
    from account_scores
    inner join restarts
        on
            restarts.level = 'account'
            and account_scores.account_id = restarts.entity_id
    where
        account_scores.score_model = '{{ var("active_score_model") }}'
        and account_scores.active_users_30d > 0
        and account_scores.as_of_date >= restarts.rewritten_from

)

select * from pqa_score_history
