-- One row per user_id, score_model and as_of_date on which it was active in 30 days.
{{ config(**history_rows(['user_id', 'score_model', 'as_of_date'], 'as_of_date')) }}

with

restarts as (

    select * from {{ ref('int_score_restarts') }}

),

user_scores as (

    select * from {{ ref('int_user_scores') }}

),

active_scores as (

    select
        user_scores.user_id,
        user_scores.account_id,
        user_scores.score_model,
        user_scores.grade,
        user_scores.grade_cap_reason,
        user_scores.score,
        user_scores.behaviour_score,
        greatest(user_scores.as_of_date, restarts.rewritten_from) as as_of_date,
        user_scores.valid_until
    from user_scores
    inner join restarts
        on
            restarts.level = 'user'
            and user_scores.user_id = restarts.entity_id
    where
        user_scores.score_model = '{{ var("active_score_model") }}'
        and user_scores.is_active_30d
        and user_scores.valid_until >= restarts.rewritten_from

),

pql_score_history as (

    {{ each_day('active_scores', [
        'user_id', 'account_id', 'score_model', 'grade', 'grade_cap_reason',
        'score', 'behaviour_score',
    ]) }}

)

select * from pql_score_history
