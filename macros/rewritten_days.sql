{#- The config of an incremental model that gives whole days, which replace the days it
    holds. -#}
{% macro rewritten_days(column) -%}
    {{ return(adapter.dispatch('rewritten_days', 'pls')(column)) }}
{%- endmacro %}

{#- A day is the key of its rows. -#}
{% macro default__rewritten_days(column) -%}
    {{ return(default__rewritten_rows(column)) }}
{%- endmacro %}

{#- A day is no key of a row to merge by; it is a partition, replaced whole. -#}
{% macro bigquery__rewritten_days(column) -%}
    {{ return({
        'materialized': 'incremental',
        'incremental_strategy': 'insert_overwrite',
        'partition_by': {'field': column, 'data_type': 'date'},
    }) }}
{%- endmacro %}

{#- Files cannot lose rows, only be replaced: a day is a folder. Without partition_by the
    whole table would be replaced by the days given. -#}
{% macro spark__rewritten_days(column) -%}
    {{ return({
        'materialized': 'incremental',
        'incremental_strategy': 'insert_overwrite',
        'partition_by': column,
    }) }}
{%- endmacro %}
