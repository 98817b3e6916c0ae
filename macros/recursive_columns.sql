{#- The columns of a recursive CTE, behind its name. -#}
{% macro recursive_columns(columns) -%}
    {{ return(adapter.dispatch('recursive_columns', 'pls')(columns)) }}
{%- endmacro %}

{#- Standard SQL asks for them, and Redshift insists. -#}
{% macro default__recursive_columns(columns) -%}
    ({{ columns | join(', ') }})
{%- endmacro %}

{#- BigQuery's CTEs take no list of columns. -#}
{% macro bigquery__recursive_columns(columns) -%}
{%- endmacro %}
