{#- The metrics of a level that metric_changes makes: the ones metrics.csv counts,
    and what is left of an upgrade that was begun. -#}
{% macro counted_metrics(level) -%}
    {{ return({
        'user': [
            'active_days_7d', 'active_days_14d', 'active_days_30d',
            'usage_events_w0', 'usage_events_w1', 'usage_events_w2', 'usage_events_w3',
            'features_30d', 'premium_features_30d', 'premium_features_lifetime',
            'exports_30d', 'external_shares_30d', 'limit_hits_30d',
            'api_or_integration_30d', 'ci_cd_30d', 'admin_actions_30d',
            'integrations_connected', 'invites_sent',
            'pricing_views_30d', 'security_views_30d', 'abandoned_upgrades_30d',
            'enterprise_requests_90d', 'billing_contacts_90d',
        ],
        'account': [
            'users', 'users_14d_ago', 'new_users_7d', 'new_users_30d', 'executives',
            'active_users_7d', 'active_users_30d', 'departments_30d', 'countries_30d',
            'workspaces', 'workspaces_14d_ago', 'integrations_connected',
            'features_30d', 'premium_features_30d',
            'active_days_14d', 'active_days_30d',
            'usage_events_w0', 'usage_events_w1', 'usage_events_w2', 'usage_events_w3',
            'pricing_views_30d', 'security_views_30d', 'admin_actions_30d',
            'api_keys_30d', 'enterprise_requests_90d', 'billing_contacts_90d',
        ],
    }[level]) }}
{%- endmacro %}
