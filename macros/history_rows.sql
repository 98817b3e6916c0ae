{#- The config of a history of scores, to which a build adds rows, and of which it first
    removes those that do not hold any more. A row that is a change names the column of the
    day it is compared with. -#}
{% macro history_rows(key, day, compared_on=none) -%}
    {{ return(adapter.dispatch('history_rows', 'pls')(key, day, compared_on)) }}
{%- endmacro %}

{% macro default__history_rows(key, day, compared_on) -%}
    {%- set arguments = [day, compared_on] | reject('none') | join("', '") -%}
    {{ return({
        'materialized': 'incremental',
        'incremental_strategy': 'append',
        'on_schema_change': 'append_new_columns',
        'meta': {'notices_changed_rules': true},
        'pre_hook': "{{ keep_history('" ~ arguments ~ "') }}",
    }) }}
{%- endmacro %}

{#- It appends nothing on its own, but merges by a key that names one row. -#}
{% macro bigquery__history_rows(key, day, compared_on) -%}
    {%- set config = default__history_rows(key, day, compared_on) -%}
    {%- do config.update({'incremental_strategy': 'merge', 'unique_key': key}) -%}
    {{ return(config) }}
{%- endmacro %}

{#- Files cannot lose rows: made anew each time, as built_before tells of nothing. -#}
{% macro spark__history_rows(key, day, compared_on) -%}
    {{ return({'materialized': 'table'}) }}
{%- endmacro %}
