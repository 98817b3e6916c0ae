{#- dbt compares a contract's columns with casts of null to their types. -#}
{% macro bigquery__cast(expression, data_type) -%}
    cast({{ expression }} as {{ engine_type(data_type) }})
{%- endmacro %}
