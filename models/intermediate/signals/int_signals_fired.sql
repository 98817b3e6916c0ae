-- One row per level, entity_id, as_of_date, score_model and signal that fired.
-- Every score model on as_of_date, the active one on the two days of a changed label:
-- the days that are explained.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

metric_signals as (

    select * from {{ ref('int_metric_signals') }}

),

label_changes as (

    select * from {{ ref('int_label_changes') }}

),

explained_days as (

    select
        level,
        entity_id,
        as_of_date
    from label_changes
    union distinct
    select
        level,
        entity_id,
        date_before as as_of_date
    from label_changes

),

explained_user_metrics as (

    select user_metrics.*
    from {{ ref('int_user_metrics') }} as user_metrics
    cross join as_of
    left join explained_days
        on
            explained_days.level = 'user'
            and user_metrics.user_id = explained_days.entity_id
            and user_metrics.as_of_date = explained_days.as_of_date
    where
        user_metrics.account_id not like 'internal:%'
        and (
            explained_days.entity_id is not null
            or user_metrics.as_of_date = as_of.as_of_date
        )

),

explained_account_metrics as (

    select account_metrics.*
    from {{ ref('int_account_metrics') }} as account_metrics
    cross join as_of
    left join explained_days
        on
            explained_days.level = 'account'
            and account_metrics.account_id = explained_days.entity_id
            and account_metrics.as_of_date = explained_days.as_of_date
    where
        account_metrics.account_id not like 'internal:%'
        and (
            explained_days.entity_id is not null
            or account_metrics.as_of_date = as_of.as_of_date
        )

),

user_metric_values as (

    {{ unpivot_metrics(
        'explained_user_metrics',
        ['user_id', 'as_of_date'],
        scored_metrics('user'),
    ) }}

),

account_metric_values as (

    {{ unpivot_metrics(
        'explained_account_metrics',
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

fired_signals as (

    select
        metric_values.level,
        metric_values.entity_id,
        metric_signals.score_model,
        metric_signals.signal_id,
        metric_signals.category,
        metric_signals.metric,
        metric_signals.ladder,
        metric_values.metric_value,
        metric_signals.min_value,
        metric_signals.max_value,
        metric_signals.points,
        metric_signals.is_counted,
        metric_signals.is_spanning,
        metric_values.as_of_date
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
        is_counted,
        as_of_date
    from fired_signals
    where not is_spanning
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
