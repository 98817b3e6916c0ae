-- Every score is exactly the sum of its counted rows in the breakdown.
with

breakdown_points as (

    select
        level,
        entity_id,
        score_model,
        sum(case when is_counted then points else 0 end) as points
    from {{ ref('score_breakdown') }}
    group by level, entity_id, score_model

),

scores as (

    select
        'user' as level,
        user_id as entity_id,
        score_model,
        score
    from {{ ref('pql_scores') }}
    union all
    select
        'account' as level,
        account_id as entity_id,
        score_model,
        score - user_score as score
    from {{ ref('pqa_scores') }}

)

select
    coalesce(scores.level, breakdown_points.level) as level,
    coalesce(scores.entity_id, breakdown_points.entity_id) as entity_id,
    coalesce(scores.score_model, breakdown_points.score_model) as score_model,
    scores.score,
    breakdown_points.points
from scores
full outer join breakdown_points
    on
        scores.level = breakdown_points.level
        and scores.entity_id = breakdown_points.entity_id
        and scores.score_model = breakdown_points.score_model
where scores.level is null or scores.score != coalesce(breakdown_points.points, 0)
