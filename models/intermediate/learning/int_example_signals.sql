-- One row per level, entity_id, as_of_date, score_model and signal_id that fired.
with

example_metrics as {{ not_materialized() }} (

    select * from {{ ref('int_example_metrics') }}

),

metric_signals as (

    select * from {{ ref('int_metric_signals') }}

),

fired_signals as {{ not_materialized() }} (

    select
        example_metrics.level,
        example_metrics.entity_id,
        example_metrics.account_id,
        metric_signals.score_model,
        metric_signals.signal_id,
        metric_signals.ladder,
        metric_signals.points,
        metric_signals.is_counted,
        metric_signals.is_spanning,
        example_metrics.as_of_date
    from example_metrics
    inner join metric_signals
        on
            example_metrics.level = metric_signals.level
            and example_metrics.metric = metric_signals.metric
            and example_metrics.metric_value = metric_signals.metric_value

),

-- On a ladder over several metrics the largest step of all counts.
ranked_signals as (

    select
        *,
        row_number() over (
            partition by level, entity_id, as_of_date, score_model, ladder
            order by abs(points) desc, signal_id
        ) as ladder_rank
    from fired_signals
    where is_spanning

),

example_signals as (

    select
        level,
        entity_id,
        account_id,
        score_model,
        signal_id,
        is_counted,
        as_of_date
    from fired_signals
    where not is_spanning
    union all
    select
        level,
        entity_id,
        account_id,
        score_model,
        signal_id,
        ladder_rank = 1 as is_counted,
        as_of_date
    from ranked_signals

)

select * from example_signals
