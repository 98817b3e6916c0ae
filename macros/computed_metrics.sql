{#- The metrics of a level that its metrics model computes from counted ones, dates and
    firmographics. With counted_metrics these are all metrics of metrics.csv. -#}
{% macro computed_metrics(level) -%}
    {{ return({
        'user': [
            'user_age_days', 'days_since_last_active', 'stickiness_30d',
            'growth_weeks', 'decline_weeks', 'minutes_to_activation', 'account_users',
            'solo_without_invites_days', 'free_only_days',
            'employee_count', 'is_target_industry', 'is_icp',
        ],
        'account': [
            'user_growth_30d', 'growth_weeks', 'decline_weeks', 'limit_utilisation',
            'funded_90d', 'open_relevant_roles', 'employee_count',
            'is_target_industry', 'is_icp', 'is_enterprise_domain',
        ],
    }[level]) }}
{%- endmacro %}
