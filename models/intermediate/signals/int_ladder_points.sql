-- One row per level, entity_id, as_of_date and score_model with points of wide ladders.
-- Of the signals on a ladder over several metrics the largest step counts, which only
-- an entity's metrics together can tell. Most models have no such ladder.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

metric_signals as (

    select * from {{ ref('int_metric_signals') }}
    where is_spanning and is_counted

),

spanning_signals as (

    select count(*) as signals
    from metric_signals

),

user_metrics as (

    select user_metrics.*
    from {{ ref('int_user_metrics') }} as user_metrics
    cross join spanning_signals
    where spanning_signals.signals > 0

),

account_metrics as (

    select account_metrics.*
    from {{ ref('int_account_metrics') }} as account_metrics
    cross join spanning_signals
    where spanning_signals.signals > 0

),

user_metric_values as (

    {{ unpivot_metrics(
        'user_metrics',
        ['user_id', 'as_of_date'],
        scored_metrics('user'),
    ) }}

),

account_metric_values as (

    {{ unpivot_metrics(
        'account_metrics',
        ['account_id', 'as_of_date'],
        scored_metrics('account'),
    ) }}

),

metric_values as (

    select
        'user' as level,
        user_id as entity_id,
        metric,
        metric_value,
        as_of_date
    from user_metric_values
    union all
    select
        'account' as level,
        account_id as entity_id,
        metric,
        metric_value,
        as_of_date
    from account_metric_values

),

ranked_signals as (

    select
        metric_values.level,
        metric_values.entity_id,
        metric_signals.score_model,
        metric_signals.category,
        metric_signals.points,
        metric_values.as_of_date,
        row_number() over (
            partition by
                metric_values.level,
                metric_values.entity_id,
                metric_values.as_of_date,
                metric_signals.score_model,
                metric_signals.ladder
            order by abs(metric_signals.points) desc, metric_signals.signal_id
        ) as ladder_rank
    from metric_values
    cross join as_of
    inner join metric_signals
        on
            metric_values.level = metric_signals.level
            and metric_values.metric = metric_signals.metric
            and metric_values.metric_value = metric_signals.metric_value
    where
        metric_values.as_of_date = as_of.as_of_date
        or metric_signals.score_model = '{{ var("active_score_model") }}'

),

ladder_points as (

    select
        level,
        entity_id,
        score_model,
        {{ total('points') }} as points,
        {{ total(
            "case when category = 'firmographic' then points else 0 end"
        ) }} as fit_points,
        as_of_date
    from ranked_signals
    where ladder_rank = 1
    group by level, entity_id, score_model, as_of_date

)

select * from ladder_points
