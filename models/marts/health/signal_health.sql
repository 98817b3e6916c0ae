-- One row per score_model, level and signal_id: who fires it, today and before.
{%- set activities = {'user': 'active_days_30d', 'account': 'active_users_30d'} %}
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

signals as (

    select * from {{ ref('signals') }}

),

metric_signals as (

    select * from {{ ref('int_metric_signals') }}

),

user_metrics as (

    select * from {{ ref('int_user_metrics') }}

),

account_metrics as (

    select * from {{ ref('int_account_metrics') }}

),

user_examples as (

    select * from {{ ref('int_user_examples') }}

),

account_examples as (

    select * from {{ ref('int_account_examples') }}

),

{% for level, activity in activities.items() %}
{%- set metrics = scored_metrics(level) %}
-- Whoever is active, today and on the Mondays of the 28 days before.
{{ level }}_looks as (

    select
        {{ level }}_metrics.{{ metrics | join(',\n        ' ~ level ~ '_metrics.') }},
        {{ level }}_metrics.as_of_date
    from {{ level }}_metrics
    inner join as_of
        on {{ level }}_metrics.as_of_date = as_of.as_of_date
    where
        {{ level }}_metrics.{{ activity }} > 0
        and {{ level }}_metrics.account_id not like 'internal:%'
    union all
    select
        {{ level }}_examples.{{ metrics | join(',\n        ' ~ level ~ '_examples.') }},
        {{ level }}_examples.as_of_date
    from {{ level }}_examples
    cross join as_of
    where
        {{ level }}_examples.as_of_date < as_of.as_of_date
        and {{ level }}_examples.as_of_date >= {{ add_days('as_of.as_of_date', -28) }}

),

{{ level }}_metric_values as (

    {{ unpivot_metrics(level ~ '_looks', ['as_of_date'], metrics) }}

),
{% endfor %}

looks as (

    {% for level in activities %}
    select
        '{{ level }}' as level,
        as_of_date,
        count(*) as entities
    from {{ level }}_looks
    group by as_of_date
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

value_counts as (

    {% for level in activities %}
    select
        '{{ level }}' as level,
        metric,
        metric_value,
        as_of_date,
        count(*) as entities
    from {{ level }}_metric_values
    group by metric, metric_value, as_of_date
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

fired_counts as (

    select
        metric_signals.score_model,
        value_counts.level,
        metric_signals.signal_id,
        value_counts.as_of_date,
        sum(value_counts.entities) as fired
    from value_counts
    inner join metric_signals
        on
            value_counts.level = metric_signals.level
            and value_counts.metric = metric_signals.metric
            and value_counts.metric_value = metric_signals.metric_value
    group by
        metric_signals.score_model,
        value_counts.level,
        metric_signals.signal_id,
        value_counts.as_of_date

),

sums as (

    select
        signals.score_model,
        signals.level,
        signals.signal_id,
        {{ total(
            'case when looks.as_of_date = as_of.as_of_date then looks.entities else 0 end'
        ) }} as entities,
        {{ total(
            'case when looks.as_of_date = as_of.as_of_date'
            ~ ' then coalesce(fired_counts.fired, 0) else 0 end'
        ) }} as fired,
        {{ total(
            'case when looks.as_of_date < as_of.as_of_date then looks.entities else 0 end'
        ) }} as entities_before,
        {{ total(
            'case when looks.as_of_date < as_of.as_of_date'
            ~ ' then coalesce(fired_counts.fired, 0) else 0 end'
        ) }} as fired_before,
        {{ total(
            'case when looks.as_of_date < as_of.as_of_date then 1 else 0 end'
        ) }} as looks_before
    from signals
    cross join as_of
    inner join looks
        on signals.level = looks.level
    left join fired_counts
        on
            signals.score_model = fired_counts.score_model
            and signals.level = fired_counts.level
            and signals.signal_id = fired_counts.signal_id
            and looks.as_of_date = fired_counts.as_of_date
    group by signals.score_model, signals.level, signals.signal_id

),

shares as (

    select
        *,
        {{ ratio('fired', 'entities') }} as fired_share,
        {{ ratio('fired_before', 'entities_before') }} as fired_share_28d
    from sums

),

-- Five a look were to be expected: none at all is no chance.
signal_health as (

    select
        score_model,
        level,
        signal_id,
        case
            when entities = 0 then 'no_entities'
            when fired = 0 and fired_share_28d * entities >= 5 then 'silent'
            when fired = 0 and fired_before = 0 then 'never_fired'
            when entities >= 20 and fired_share >= 0.95 then 'fires_for_everyone'
            else 'ok'
        end as verdict,
        entities,
        fired,
        fired_share,
        fired_share_28d,
        fired_share - fired_share_28d as share_change
    from shares

)

select * from signal_health
