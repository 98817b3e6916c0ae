{#- The fields that may be sent of a kind of CRM object, with their types; crm_fields.csv
    says which of them are. -#}
{% macro crm_payload(object_type) -%}
    {{ return({
        'account': {
            'account_name': 'text', 'domain': 'text', 'owner_id': 'text',
            'pqa_score': 'bigint', 'pqa_tier': 'text', 'fit_score': 'bigint',
            'engagement_score': 'bigint', 'users': 'bigint', 'active_users_30d': 'bigint',
            'plan': 'text', 'segment': 'text', 'motion': 'text', 'play': 'text',
            'guards': 'text', 'estimated_acv_usd': 'bigint', 'usage_trend': 'text',
            'top_signals': 'text', 'recommended_approach': 'text',
        },
        'contact': {
            'email': 'text', 'full_name': 'text', 'job_title': 'text', 'account_id': 'text',
            'persona': 'text', 'pql_score': 'bigint', 'pql_grade': 'text',
            'is_recommended_contact': 'text', 'last_active_on': 'date',
        },
        'task': {
            'account_id': 'text', 'contact_user_id': 'text', 'owner_id': 'text',
            'subject': 'text', 'details': 'text', 'priority': 'text', 'due_by': 'date',
        },
    }[object_type]) }}
{%- endmacro %}
