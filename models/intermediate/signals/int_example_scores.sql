-- One row per level, entity_id, score_model and as_of_date, a Monday while active.
-- The scores of every model, challengers too: what models are compared by.
{{ config(**history_rows(
    ['level', 'entity_id', 'score_model', 'as_of_date'], 'as_of_date'
)) }}

with

restarts as (

    select * from {{ ref('int_score_restarts') }}

),

user_scores as (

    select * from {{ ref('int_user_scores') }}

),

account_scores as (

    select * from {{ ref('int_account_scores') }}

),

-- Only what holds on a Monday is unfolded into days.
active_stretches as (

    select
        user_scores.user_id,
        user_scores.account_id,
        user_scores.score_model,
        user_scores.grade,
        user_scores.score,
        greatest(user_scores.as_of_date, restarts.rewritten_from) as as_of_date,
        user_scores.valid_until
    from user_scores
    inner join restarts
        on
            restarts.level = 'user'
            and user_scores.user_id = restarts.entity_id
    where
        user_scores.is_active_30d
        and {{ next_grid_day(
            'greatest(user_scores.as_of_date, restarts.rewritten_from)'
        ) }} <= user_scores.valid_until

),

user_days as (

    {{ each_day(
        'active_stretches', ['user_id', 'account_id', 'score_model', 'grade', 'score']
    ) }}

),

example_scores as (

    select
        'user' as level,
        user_id as entity_id,
        account_id,
        score_model,
        grade as label,
        score,
        as_of_date
    from user_days
    where as_of_date = {{ next_grid_day('as_of_date') }}
    union all
    select
        'account' as level,
        account_scores.account_id as entity_id,
        account_scores.account_id,
        account_scores.score_model,
        account_scores.tier_name as label,
        account_scores.score,
        account_scores.as_of_date
    from account_scores
    inner join restarts
        on
            restarts.level = 'account'
            and account_scores.account_id = restarts.entity_id
    where
        account_scores.active_users_30d > 0
        and account_scores.as_of_date >= restarts.rewritten_from
        and account_scores.as_of_date
        = {{ next_grid_day('account_scores.as_of_date') }}

)

select * from example_scores
