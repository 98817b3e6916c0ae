{#- A query of the accounts the last build scored, with what their past was made of
    (int_scored_accounts); without rows when there was none, and when all is made anew. -#}
{% macro scored_before() -%}
    {%- set scored_accounts = built_before('int_scored_accounts')
        if not flags.FULL_REFRESH -%}
    {%- if scored_accounts -%}
    select * from {{ scored_accounts }}
    {%- else -%}
    select
        cast(null as {{ dbt.type_string() }}) as account_id,
        cast(null as {{ dbt.type_bigint() }}) as past_fingerprint,
        cast(null as {{ dbt.type_string() }}) as rules_fingerprint,
        cast(null as date) as first_on,
        cast(null as date) as settled_on
    from {{ ref('int_as_of_date') }}
    where 1 = 0
    {%- endif -%}
{%- endmacro %}
