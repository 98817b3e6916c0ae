{#- The value of a top-level key of a JSON object as text; both may be columns. -#}
{% macro json_value(object, key) -%}
    {{ return(adapter.dispatch('json_value', 'pls')(object, key)) }}
{%- endmacro %}

{% macro default__json_value(object, key) -%}
    json_value({{ object }}, '$."' || {{ key }} || '"')
{%- endmacro %}

{% macro duckdb__json_value(object, key) -%}
    json_extract_string({{ object }}, '$."' || {{ key }} || '"')
{%- endmacro %}
