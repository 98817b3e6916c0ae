-- One row per account_id and score_model: the account's score as of as_of_date.
-- Replaced when score_restatements has compared with it.
-- depends_on: {{ ref('score_restatements') }}
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

account_scores as (

    select * from {{ ref('int_account_scores') }}

),

pqa_scores as (

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
        account_scores.as_of_date
    from account_scores
    inner join as_of
        on account_scores.as_of_date = as_of.as_of_date

)

select * from pqa_scores
