{#- The counted metrics of a level whose value is needed on each day of the history: those
    the active score model's signals read, and those that activity, tiers and computed
    metrics are made of; and abandoned upgrades, which come with days of their own. Of all
    others only the values on as_of_date and on the weekly grid are. -#}
{% macro daily_metrics(level) -%}
    {%- set needed = {
        'user': [
            'active_days_30d', 'usage_events_w0', 'usage_events_w1', 'usage_events_w2',
            'usage_events_w3', 'invites_sent', 'premium_features_lifetime',
            'abandoned_upgrades_30d',
        ],
        'account': [
            'users', 'new_users_30d', 'active_users_30d', 'departments_30d',
            'usage_events_w0', 'usage_events_w1', 'usage_events_w2', 'usage_events_w3',
        ],
    }[level] + scored_metrics(level, var('active_score_model')) -%}
    {%- set daily = [] -%}
    {%- for metric in counted_metrics(level) if metric in needed -%}
        {%- do daily.append(metric) -%}
    {%- endfor -%}
    {{ return(daily) }}
{%- endmacro %}
