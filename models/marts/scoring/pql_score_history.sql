-- One row per user_id, score_model and as_of_date on which it was active in 30 days.
with

user_scores as (

    select * from {{ ref('int_user_scores') }}

),

active_scores as (

    select
        user_id,
        account_id,
        score_model,
        grade,
        grade_cap_reason,
        score,
        behaviour_score,
        as_of_date,
        valid_until
    from user_scores
    where
        score_model = '{{ var("active_score_model") }}'
        and is_active_30d

),

pql_score_history as (

    {{ each_day('active_scores', [
        'user_id', 'account_id', 'score_model', 'grade', 'grade_cap_reason',
        'score', 'behaviour_score',
    ]) }}

)

select * from pql_score_history
