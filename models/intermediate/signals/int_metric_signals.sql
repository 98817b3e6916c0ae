-- One row per level, metric, metric_value, score_model and signal the value fires.
-- Whether a signal fires is decided here alone, once per value: scores and explanations
-- only look it up.
with

signals as (

    select * from {{ ref('signals') }}

),

user_metrics as {{ not_materialized() }} (

    select * from {{ ref('int_user_metrics') }}

),

account_metrics as {{ not_materialized() }} (

    select * from {{ ref('int_account_metrics') }}

),

user_examples as {{ not_materialized() }} (

    select * from {{ ref('int_user_examples') }}

),

account_examples as {{ not_materialized() }} (

    select * from {{ ref('int_account_examples') }}

),

-- Of the days scored now, and of those that weights are learned from.
metric_values as (

    {% for level in ['user', 'account'] %}
    {% for metric in scored_metrics(level) %}
    {% for days in ['metrics', 'examples'] %}
    select
        '{{ level }}' as level,
        '{{ metric }}' as metric,
        cast({{ metric }} as {{ engine_type('double') }}) as metric_value
    from {{ level }}_{{ days }}
    where {{ metric }} is not null
    {{ 'union distinct' if not loop.last }}
    {% endfor %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- A ladder over several metrics cannot be climbed by one value alone.
ladders as (

    select
        score_model,
        level,
        ladder,
        count(distinct metric) > 1 as is_spanning
    from signals
    where ladder is not null
    group by score_model, level, ladder

),

fired_signals as (

    select
        signals.level,
        signals.metric,
        signals.score_model,
        signals.signal_id,
        signals.category,
        signals.ladder,
        metric_values.metric_value,
        signals.min_value,
        signals.max_value,
        signals.points,
        coalesce(ladders.is_spanning, false) as is_spanning,
        row_number() over (
            partition by
                signals.level,
                signals.metric,
                metric_values.metric_value,
                signals.score_model,
                signals.ladder
            order by abs(signals.points) desc, signals.signal_id
        ) as ladder_rank
    from metric_values
    inner join signals
        on
            metric_values.level = signals.level
            and metric_values.metric = signals.metric
            and (
                signals.min_value is null
                or metric_values.metric_value >= signals.min_value
            )
            and (
                signals.max_value is null
                or metric_values.metric_value < signals.max_value
            )
    left join ladders
        on
            signals.score_model = ladders.score_model
            and signals.level = ladders.level
            and signals.ladder = ladders.ladder

),

-- Of the signals on one ladder only the largest step counts.
metric_signals as (

    select
        level,
        metric,
        score_model,
        signal_id,
        category,
        ladder,
        metric_value,
        min_value,
        max_value,
        points,
        ladder is null or ladder_rank = 1 as is_counted,
        is_spanning
    from fired_signals

)

select * from metric_signals
