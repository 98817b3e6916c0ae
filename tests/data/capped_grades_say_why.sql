-- Nobody without an activation or without usage in 30 days is above emerging, and a
-- grade below what the score says has its reason.
with

pql_grades as (

    select * from {{ ref('pql_grades') }}

),

emerging as (

    select min_score
    from pql_grades
    where grade = 'emerging'

),

next_grades as (

    select
        lower_grades.grade,
        min(higher_grades.min_score) as next_min_score
    from pql_grades as lower_grades
    inner join pql_grades as higher_grades
        on
            lower_grades.min_score is null
            or lower_grades.min_score < higher_grades.min_score
    group by lower_grades.grade

),

graded as (

    select
        pql_scores.user_id,
        pql_scores.score_model,
        pql_scores.score,
        pql_scores.grade,
        pql_scores.grade_cap_reason,
        pql_grades.min_score,
        emerging.min_score as cap_score,
        users.is_activated,
        user_metrics.active_days_30d,
        next_grades.next_min_score
    from {{ ref('pql_scores') }} as pql_scores
    inner join pql_grades
        on pql_scores.grade = pql_grades.grade
    inner join {{ ref('users') }} as users
        on pql_scores.user_id = users.user_id
    inner join {{ ref('user_metrics') }} as user_metrics
        on pql_scores.user_id = user_metrics.user_id
    cross join emerging
    left join next_grades
        on pql_scores.grade = next_grades.grade

)

select * from graded
where
    -- above the cap without use
    (
        (not is_activated or active_days_30d = 0)
        and min_score > cap_score
    )
    -- above what the score says
    or score < min_score
    -- below it without a reason, or with a reason and not below it
    or coalesce(score >= next_min_score, false) != (grade_cap_reason is not null)
