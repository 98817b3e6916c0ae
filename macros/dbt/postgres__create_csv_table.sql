{#- dbt takes the types of the YAML as they are. -#}
{% macro postgres__create_csv_table(model, agate_table) -%}
    {{ return(dbt.default__create_csv_table(with_engine_types(model), agate_table)) }}
{%- endmacro %}
