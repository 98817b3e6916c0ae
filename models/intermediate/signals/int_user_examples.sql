-- One row per user_id and as_of_date, a Monday with usage in the 30 days before.
-- What weights are learned from: a look a week, as of then.
{%- set metrics = counted_metrics('user') + computed_metrics('user') %}
{%- set shifted = {
    'user_age_days': 'user_metrics.user_age_days + examples.days_held',
    'days_since_last_active': 'user_metrics.days_since_last_active + examples.days_held',
    'solo_without_invites_days': 'case'
        ~ ' when user_metrics.account_users = 1 and user_metrics.invites_sent = 0'
        ~ ' then user_metrics.user_age_days + examples.days_held else 0 end',
    'free_only_days': 'case when user_metrics.premium_features_lifetime = 0'
        ~ ' then user_metrics.user_age_days + examples.days_held else 0 end',
} %}
{{ config(**history_rows(['user_id', 'as_of_date'], 'as_of_date')) }}

with

restarts as (

    select * from {{ ref('int_score_restarts') }}
    where level = 'user'

),

user_metrics as {{ not_materialized() }} (

    select * from {{ ref('int_user_metrics') }}

),

-- Only what holds on a Monday is unfolded into days.
active_stretches as (

    select
        user_metrics.user_id,
        user_metrics.as_of_date as changed_on,
        greatest(user_metrics.as_of_date, restarts.rewritten_from) as as_of_date,
        user_metrics.valid_until
    from user_metrics
    inner join restarts
        on user_metrics.user_id = restarts.entity_id
    where
        user_metrics.active_days_30d > 0
        and user_metrics.account_id not like 'internal:%'
        and {{ next_grid_day(
            'greatest(user_metrics.as_of_date, restarts.rewritten_from)'
        ) }} <= user_metrics.valid_until

),

days as (

    {{ each_day('active_stretches', ['user_id', 'changed_on']) }}

),

examples as (

    select
        user_id,
        changed_on,
        as_of_date,
        {{ days_between('changed_on', 'as_of_date') }} as days_held
    from days
    where as_of_date = {{ next_grid_day('as_of_date') }}

),

-- A row holds while nothing changes, but for what counts days.
user_examples as (

    select
        user_metrics.user_id,
        user_metrics.account_id,
        {% for metric in metrics %}
        {{ shifted.get(metric, 'user_metrics.' ~ metric) }} as {{ metric }},
        {% endfor %}
        examples.as_of_date
    from examples
    inner join user_metrics
        on
            examples.user_id = user_metrics.user_id
            and examples.changed_on = user_metrics.as_of_date

)

select * from user_examples
