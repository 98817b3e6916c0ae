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

{#- The functions that look into JSON text take single quotes, and look no further than
    the closing brace: an array around the text must hold it and nothing else. -#}
{% macro spark__is_json_object(value) -%}
    coalesce(
        startswith({{ value }}, '{')
        and size(
            from_json(
                '[' || {{ value }} || ']',
                'array<string>',
                map('allowSingleQuotes', 'false')
            )
        ) = 1,
        false
    )
{%- endmacro %}
