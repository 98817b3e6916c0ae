{#- Whether a text is a JSON object. -#}
{% macro is_json_object(value) -%}
    {{ return(adapter.dispatch('is_json_object', 'pls')(value)) }}
{%- endmacro %}

{#- Standard SQL's own predicate (ISO/IEC 9075-2:2016). -#}
{% macro default__is_json_object(value) -%}
    {{ value }} is json object
{%- endmacro %}

{% macro duckdb__is_json_object(value) -%}
    case when json_valid({{ value }}) then json_type({{ value }}) = 'OBJECT' else false end
{%- endmacro %}
