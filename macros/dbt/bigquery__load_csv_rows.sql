{#- dbt-bigquery takes the types of the YAML as they are. -#}
{% macro bigquery__load_csv_rows(model, agate_table) -%}
    {{ return(dbt_bigquery.bigquery__load_csv_rows(with_engine_types(model), agate_table)) }}
{%- endmacro %}
