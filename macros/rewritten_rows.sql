{#- The config of an incremental model that gives rows, which replace those of their key. -#}
{% macro rewritten_rows(key) -%}
    {{ return(adapter.dispatch('rewritten_rows', 'pls')(key)) }}
{%- endmacro %}

{% macro default__rewritten_rows(key) -%}
    {{ return({
        'materialized': 'incremental',
        'incremental_strategy': 'delete+insert',
        'unique_key': key,
    }) }}
{%- endmacro %}

{#- It deletes nothing on its own, but merges by a key that names one row. -#}
{% macro bigquery__rewritten_rows(key) -%}
    {{ return({
        'materialized': 'incremental',
        'incremental_strategy': 'merge',
        'unique_key': key,
    }) }}
{%- endmacro %}

{#- Parquet files cannot lose single rows: made anew each time. -#}
{% macro spark__rewritten_rows(key) -%}
    {{ return({'materialized': 'table'}) }}
{%- endmacro %}
