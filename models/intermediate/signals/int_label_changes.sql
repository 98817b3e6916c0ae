-- One row per level, entity_id, score_model and day its grade or tier changed.
-- With the row before, of the days on which the entity was active; of the days on which
-- the history is rewritten.
with

restarts as (

    select * from {{ ref('int_score_restarts') }}

),

user_scores as {{ not_materialized() }} (

    select * from {{ ref('int_user_scores') }}
    where
        is_active_30d
        and score_model = '{{ var("active_score_model") }}'

),

-- On the days that only users are compared with, the account's sums are not whole.
account_scores as {{ not_materialized() }} (

    select account_scores.*
    from {{ ref('int_account_scores') }} as account_scores
    inner join restarts
        on
            restarts.level = 'account'
            and account_scores.account_id = restarts.entity_id
    where
        account_scores.active_users_30d > 0
        and account_scores.score_model = '{{ var("active_score_model") }}'
        and (
            account_scores.as_of_date >= restarts.rewritten_from
            or account_scores.as_of_date = restarts.compared_on
        )

),

user_labels as (

    select
        'user' as level,
        user_id as entity_id,
        account_id,
        score_model,
        grade as label,
        grade_cap_reason,
        score,
        cast(0 as {{ dbt.type_bigint() }}) as user_score,
        cast(0 as {{ dbt.type_bigint() }}) as users,
        as_of_date,
        lag(as_of_date) over (
            partition by user_id order by as_of_date
        ) as date_before,
        lag(valid_until) over (
            partition by user_id order by as_of_date
        ) as last_active_on,
        lag(grade) over (partition by user_id order by as_of_date) as label_before
    from user_scores

),

account_labels as (

    select
        'account' as level,
        account_id as entity_id,
        account_id,
        score_model,
        tier_name as label,
        cast(null as {{ dbt.type_string() }}) as grade_cap_reason,
        score,
        user_score,
        users,
        as_of_date,
        lag(as_of_date) over (
            partition by account_id order by as_of_date
        ) as date_before,
        lag(as_of_date) over (
            partition by account_id order by as_of_date
        ) as last_active_on,
        lag(tier_name) over (
            partition by account_id order by as_of_date
        ) as label_before
    from account_scores

),

labels as (

    select * from user_labels
    union all
    select * from account_labels

),

changed_labels as (

    select labels.*
    from labels
    inner join restarts
        on
            labels.level = restarts.level
            and labels.entity_id = restarts.entity_id
    where
        labels.label != labels.label_before
        and labels.as_of_date > restarts.rewritten_from

),

scores_before as (

    select
        'user' as level,
        user_id as entity_id,
        grade_cap_reason,
        score,
        cast(0 as {{ dbt.type_bigint() }}) as user_score,
        cast(0 as {{ dbt.type_bigint() }}) as users,
        as_of_date
    from user_scores
    union all
    select
        'account' as level,
        account_id as entity_id,
        cast(null as {{ dbt.type_string() }}) as grade_cap_reason,
        score,
        user_score,
        users,
        as_of_date
    from account_scores

),

label_changes as (

    select
        changed_labels.level,
        changed_labels.entity_id,
        changed_labels.account_id,
        changed_labels.score_model,
        changed_labels.label_before,
        changed_labels.label,
        scores_before.grade_cap_reason as cap_before,
        changed_labels.grade_cap_reason,
        scores_before.score as score_before,
        changed_labels.score,
        scores_before.user_score as user_score_before,
        changed_labels.user_score,
        scores_before.users as users_before,
        changed_labels.users,
        changed_labels.date_before,
        changed_labels.last_active_on,
        changed_labels.as_of_date
    from changed_labels
    inner join scores_before
        on
            changed_labels.level = scores_before.level
            and changed_labels.entity_id = scores_before.entity_id
            and changed_labels.date_before = scores_before.as_of_date

)

select * from label_changes
