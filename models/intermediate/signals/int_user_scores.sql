-- One row per user_id, as_of_date and score_model with the score and its grade.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

user_metrics as (

    select * from {{ ref('int_user_metrics') }}

),

mapped_users as (

    select * from {{ ref('int_users_mapped_to_accounts') }}

),

signals_fired as (

    select * from {{ ref('int_signals_fired') }}

),

signals as (

    select * from {{ ref('signals') }}

),

pql_grades as (

    select * from {{ ref('pql_grades') }}

),

score_models as (

    select score_model
    from signals
    group by score_model

),

-- Somebody for whom nothing fired has a score too: 0.
users_to_score as (

    select
        user_metrics.user_id,
        user_metrics.account_id,
        score_models.score_model,
        user_metrics.active_days_30d,
        user_metrics.activated_at is not null as is_activated,
        user_metrics.as_of_date
    from user_metrics
    inner join mapped_users
        on user_metrics.user_id = mapped_users.user_id
    cross join score_models
    cross join as_of
    where
        not mapped_users.is_internal
        and (
            user_metrics.as_of_date = as_of.as_of_date
            or score_models.score_model = '{{ var("active_score_model") }}'
        )

),

points as (

    select
        entity_id as user_id,
        score_model,
        {{ total('points') }} as score,
        {{ total(
            "case when category = 'firmographic' then 0 else points end"
        ) }} as behaviour_score,
        as_of_date
    from signals_fired
    where level = 'user' and is_counted
    group by entity_id, score_model, as_of_date

),

scores as (

    select
        users_to_score.*,
        coalesce(points.score, 0) as score,
        coalesce(points.behaviour_score, 0) as behaviour_score
    from users_to_score
    left join points
        on
            users_to_score.user_id = points.user_id
            and users_to_score.score_model = points.score_model
            and users_to_score.as_of_date = points.as_of_date

),

-- Grades from the best down, each up to where the next better one begins.
grade_ranges as (

    select
        grade,
        min_score,
        lag(min_score) over (
            order by coalesce(min_score, -1e300) desc
        ) as below_score
    from pql_grades

),

emerging as (

    select
        grade,
        min_score
    from pql_grades
    where grade = 'emerging'

),

graded_scores as (

    select
        scores.*,
        grade_ranges.grade as uncapped_grade,
        coalesce(grade_ranges.min_score > emerging.min_score, false)
        and (not scores.is_activated or scores.active_days_30d = 0) as is_capped,
        emerging.grade as capped_grade
    from scores
    inner join grade_ranges
        on
            (
                grade_ranges.min_score is null
                or scores.score >= grade_ranges.min_score
            )
            and (
                grade_ranges.below_score is null
                or scores.score < grade_ranges.below_score
            )
    cross join emerging

),

-- Usage first: fit alone never makes a qualified lead.
user_scores as (

    select
        user_id,
        account_id,
        score_model,
        case when is_capped then capped_grade else uncapped_grade end as grade,
        case
            when is_capped and not is_activated then 'not activated'
            when is_capped then 'no usage in 30 days'
        end as grade_cap_reason,
        score,
        behaviour_score,
        active_days_30d > 0 as is_active_30d,
        as_of_date
    from graded_scores

)

select * from user_scores
