-- One row per level, entity_id, as_of_date, score_model and signal that fired.
-- Every score model on as_of_date, the active one on the days before.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

signals as (

    select * from {{ ref('signals') }}

),

mapped_users as (

    select * from {{ ref('int_users_mapped_to_accounts') }}

),

scored_user_metrics as (

    select user_metrics.*
    from {{ ref('int_user_metrics') }} as user_metrics
    inner join mapped_users
        on user_metrics.user_id = mapped_users.user_id
    where not mapped_users.is_internal

),

scored_account_metrics as (

    select * from {{ ref('int_account_metrics') }}
    where account_id not like 'internal:%'

),

user_metric_values as (

    {{ unpivot_metrics(
        'scored_user_metrics',
        ['user_id', 'as_of_date'],
        counted_metrics('user') + computed_metrics('user'),
    ) }}

),

account_metric_values as (

    {{ unpivot_metrics(
        'scored_account_metrics',
        ['account_id', 'as_of_date'],
        counted_metrics('account') + computed_metrics('account'),
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

fired_signals as (

    select
        metric_values.level,
        metric_values.entity_id,
        signals.score_model,
        signals.signal_id,
        signals.category,
        signals.metric,
        signals.ladder,
        metric_values.metric_value,
        signals.min_value,
        signals.max_value,
        signals.points,
        metric_values.as_of_date
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
    cross join as_of
    where
        metric_values.as_of_date = as_of.as_of_date
        or signals.score_model = '{{ var("active_score_model") }}'

),

-- Of the signals on one ladder only the largest step counts.
ranked_signals as (

    select
        *,
        row_number() over (
            partition by level, entity_id, as_of_date, score_model, ladder
            order by abs(points) desc, signal_id
        ) as ladder_rank
    from fired_signals
    where ladder is not null

),

signals_fired as (

    select
        level,
        entity_id,
        score_model,
        signal_id,
        category,
        metric,
        ladder,
        metric_value,
        min_value,
        max_value,
        points,
        true as is_counted,
        as_of_date
    from fired_signals
    where ladder is null
    union all
    select
        level,
        entity_id,
        score_model,
        signal_id,
        category,
        metric,
        ladder,
        metric_value,
        min_value,
        max_value,
        points,
        ladder_rank = 1 as is_counted,
        as_of_date
    from ranked_signals

)

select * from signals_fired
