{#- dbt takes the types of a contract as they are. -#}
{% macro bigquery__get_table_columns_and_constraints() -%}
    {{ engine_columns() }}
{%- endmacro %}
