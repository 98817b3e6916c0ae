-- The last day of the history is the scores: past and present take one path.
with

today as (

    select
        pql_scores.user_id,
        pql_scores.score_model,
        pql_scores.score,
        pql_scores.behaviour_score,
        pql_scores.grade,
        pql_scores.as_of_date
    from {{ ref('pql_scores') }} as pql_scores
    inner join {{ ref('user_metrics') }} as user_metrics
        on pql_scores.user_id = user_metrics.user_id
    where
        pql_scores.score_model = '{{ var("active_score_model") }}'
        and user_metrics.active_days_30d > 0

),

last_day as (

    select
        user_id,
        score_model,
        score,
        behaviour_score,
        grade,
        as_of_date
    from {{ ref('pql_score_history') }}
    where as_of_date = (
        select int_as_of_date.as_of_date from {{ ref('int_as_of_date') }}
    )

),

only_today as (

    select * from today
    {{ dbt.except() }}
    select * from last_day

),

only_in_history as (

    select * from last_day
    {{ dbt.except() }}
    select * from today

)

select * from only_today
union all
select * from only_in_history
