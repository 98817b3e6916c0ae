-- One row per level, entity_id, score_model and signal that fired as of as_of_date.
-- The score is only the sum of the counted rows, so this is also its explanation.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

signals_fired as (

    select * from {{ ref('int_signals_fired') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

metric_measures as (

    select * from {{ ref('int_metric_measures') }}

),

measures as (

    select
        'user' as level,
        user_id as entity_id,
        measure,
        measured_on,
        first_at,
        last_at
    from {{ ref('int_user_measures') }}
    union all
    select
        'account' as level,
        account_id as entity_id,
        measure,
        measured_on,
        first_at,
        last_at
    from {{ ref('int_account_measures') }}

),

current_signals as (

    select signals_fired.*
    from signals_fired
    inner join as_of
        on signals_fired.as_of_date = as_of.as_of_date

),

explained_metrics as (

    select
        level,
        entity_id,
        metric
    from current_signals
    group by level, entity_id, metric

),

-- The events behind a metric: what it counts, within its window.
evidence_events as (

    select
        explained_metrics.level,
        explained_metrics.entity_id,
        explained_metrics.metric,
        min(measures.first_at) as first_event_at,
        max(measures.last_at) as last_event_at
    from explained_metrics
    inner join metric_measures
        on
            explained_metrics.level = metric_measures.level
            and explained_metrics.metric = metric_measures.metric
    inner join measures
        on
            explained_metrics.level = measures.level
            and explained_metrics.entity_id = measures.entity_id
            and metric_measures.measure = measures.measure
    cross join as_of
    where
        {{ add_days('measures.measured_on', 'metric_measures.from_days') }}
        <= as_of.as_of_date
        and (
            metric_measures.until_days is null
            or {{ add_days('measures.measured_on', 'metric_measures.until_days') }}
            > as_of.as_of_date
        )
    group by
        explained_metrics.level,
        explained_metrics.entity_id,
        explained_metrics.metric

),

-- What is said of a value is said once, for whoever has it.
signal_values as (

    select
        current_signals.level,
        current_signals.score_model,
        current_signals.signal_id,
        current_signals.metric_value,
        {{ number_text('current_signals.metric_value') }} as n,
        {{ number_text('current_signals.metric_value * 100', 0) }} || ' %'
            as percent_text,
        {{ number_text('current_signals.min_value', none) }} as min_text,
        {{ number_text('current_signals.max_value', none) }} as max_text,
        -- A sentence without a number tells what holds: of 0 it is not so.
        case
            when
                current_signals.metric_value = 0
                and metrics.evidence not like '%{n}%'
                and metrics.evidence not like '%{times}%'
                and metrics.evidence not like '%{percent}%'
                then 'Not so: ' || metrics.evidence
            else metrics.evidence
        end as evidence
    from current_signals
    inner join metrics
        on
            current_signals.level = metrics.level
            and current_signals.metric = metrics.metric
    group by
        current_signals.level,
        current_signals.score_model,
        current_signals.signal_id,
        current_signals.metric_value,
        current_signals.min_value,
        current_signals.max_value,
        metrics.evidence

),

worded_values as (

    select
        level,
        score_model,
        signal_id,
        metric_value,
        case
            when min_text is null and max_text is null then 'any'
            when max_text is null then '>= ' || min_text
            when min_text is null then '< ' || max_text
            else min_text || ' <= x < ' || max_text
        end as threshold,
        {{ evidence_text() }} as evidence
    from signal_values

),

breakdown as (

    select
        current_signals.level,
        current_signals.entity_id,
        current_signals.score_model,
        current_signals.signal_id,
        current_signals.category,
        current_signals.metric,
        current_signals.ladder,
        worded_values.threshold,
        {{ evidence_days('worded_values.evidence', 'evidence_events') }} as evidence,
        current_signals.metric_value,
        current_signals.points,
        current_signals.is_counted,
        current_signals.as_of_date,
        evidence_events.first_event_at,
        evidence_events.last_event_at
    from current_signals
    inner join worded_values
        on
            current_signals.level = worded_values.level
            and current_signals.score_model = worded_values.score_model
            and current_signals.signal_id = worded_values.signal_id
            and current_signals.metric_value = worded_values.metric_value
    left join evidence_events
        on
            current_signals.level = evidence_events.level
            and current_signals.entity_id = evidence_events.entity_id
            and current_signals.metric = evidence_events.metric

)

select * from breakdown
