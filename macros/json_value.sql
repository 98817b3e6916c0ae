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

{#- Spark has get_json_object() for it, and quotes the key in brackets. -#}
{% macro spark__json_value(object, key) -%}
    get_json_object({{ object }}, '$[' || chr(39) || {{ key }} || chr(39) || ']')
{%- endmacro %}
