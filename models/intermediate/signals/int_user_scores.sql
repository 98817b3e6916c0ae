-- One row per user_id, as_of_date and score_model with the score and its grade.
-- As int_user_metrics, a row holds until valid_until.
{%- set metrics = scored_metrics('user') %}
with

user_metrics as (

    select * from {{ ref('int_user_metrics') }}

),

metric_signals as (

    select * from {{ ref('int_metric_signals') }}

),

ladder_points as (

    select * from {{ ref('int_ladder_points') }}
    where level = 'user'

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

metric_points as (

    select
        metric,
        score_model,
        metric_value,
        {{ total('points') }} as points,
        {{ total(
            "case when category = 'firmographic' then points else 0 end"
        ) }} as fit_points
    from metric_signals
    where level = 'user' and is_counted and not is_spanning
    group by metric, score_model, metric_value

),

-- Somebody for whom nothing fired has a score too: 0.
users_to_score as (

    select
        user_metrics.*,
        score_models.score_model
    from user_metrics
    cross join score_models
    where user_metrics.account_id not like 'internal:%'

),

scores as (

    select
        users_to_score.user_id,
        users_to_score.account_id,
        users_to_score.score_model,
        coalesce(ladder_points.points, 0)
        {%- for metric in metrics %}
        + coalesce({{ metric }}_points.points, 0)
        {%- endfor %} as score,
        coalesce(ladder_points.fit_points, 0)
        {%- for metric in metrics %}
        + coalesce({{ metric }}_points.fit_points, 0)
        {%- endfor %} as fit_score,
        users_to_score.active_days_30d,
        users_to_score.activated_at is not null as is_activated,
        users_to_score.as_of_date,
        users_to_score.valid_until
    from users_to_score
    {% for metric in metrics %}
    left join metric_points as {{ metric }}_points
        on
            {{ metric }}_points.metric = '{{ metric }}'
            and users_to_score.score_model = {{ metric }}_points.score_model
            and users_to_score.{{ metric }} = {{ metric }}_points.metric_value
    {% endfor %}
    left join ladder_points
        on
            users_to_score.user_id = ladder_points.entity_id
            and users_to_score.score_model = ladder_points.score_model
            and users_to_score.as_of_date = ladder_points.as_of_date

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
        score - fit_score as behaviour_score,
        active_days_30d > 0 as is_active_30d,
        as_of_date,
        valid_until
    from graded_scores

)

select * from user_scores
