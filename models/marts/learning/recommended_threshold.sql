-- One row per score_model and level: the threshold that finds most and can be worked.
with

backtest_thresholds as (

    select * from {{ ref('backtest_thresholds') }}

),

pql_grades as (

    select * from {{ ref('pql_grades') }}

),

pqa_tiers as (

    select * from {{ ref('pqa_tiers') }}

),

current_thresholds as (

    select
        'user' as level,
        max(min_score) as current_threshold
    from pql_grades
    union all
    select
        'account' as level,
        max(min_score) as current_threshold
    from pqa_tiers
    where tier = 2

),

judged_thresholds as (

    select
        *,
        coalesce(precision >= {{ var('min_pql_precision') }}, false)
            as is_precise,
        coalesce(
            precision >= {{ var('min_pql_precision') }}
            and entities_per_week <= {{ var('weekly_pql_capacity') }},
            false
        ) as is_recommended
    from backtest_thresholds

),

ranked_thresholds as (

    select
        *,
        row_number() over (
            partition by score_model, level
            order by
                case when is_recommended then 1 else 2 end,
                recall desc,
                threshold desc
        ) as threshold_rank,
        max(case when is_precise then 1 else 0 end) over (
            partition by score_model, level
        ) as is_any_precise,
        max(conversions + missed_conversions) over (
            partition by score_model, level
        ) as all_conversions
    from judged_thresholds

),

recommended_threshold as (

    select
        ranked_thresholds.score_model,
        ranked_thresholds.level,
        case
            when ranked_thresholds.is_recommended
                then 'Most conversions found that sales can work, precise enough.'
            when ranked_thresholds.all_conversions = 0
                then 'No conversion to learn from yet.'
            when ranked_thresholds.is_any_precise = 0
                then 'No threshold is precise enough.'
            else 'No threshold that is precise enough gives few enough leads.'
        end as reason,
        case
            when ranked_thresholds.is_recommended then ranked_thresholds.threshold
        end as threshold,
        current_thresholds.current_threshold,
        case
            when
                ranked_thresholds.is_recommended
                then ranked_thresholds.entities_per_week
        end as entities_per_week,
        case
            when ranked_thresholds.is_recommended then ranked_thresholds.precision
        end as precision,
        case
            when ranked_thresholds.is_recommended then ranked_thresholds.recall
        end as recall
    from ranked_thresholds
    inner join current_thresholds
        on ranked_thresholds.level = current_thresholds.level
    where ranked_thresholds.threshold_rank = 1

)

select * from recommended_threshold
