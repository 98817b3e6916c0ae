-- One row per user_id and score_model: the lead's score as of as_of_date.
-- Replaced when score_restatements has compared with it.
-- depends_on: {{ ref('score_restatements') }}
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

user_scores as (

    select * from {{ ref('int_user_scores') }}

),

pql_scores as (

    select
        user_scores.user_id,
        user_scores.account_id,
        user_scores.score_model,
        user_scores.grade,
        user_scores.grade_cap_reason,
        user_scores.score,
        user_scores.behaviour_score,
        user_scores.as_of_date
    from user_scores
    inner join as_of
        on user_scores.as_of_date = as_of.as_of_date

)

select * from pql_scores
