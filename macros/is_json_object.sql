{#- Whether a text is a JSON object. -#}
{% macro is_json_object(value) -%}
    {{ return(adapter.dispatch('is_json_object', 'pls')(value)) }}
{%- endmacro %}

{#- Standard SQL's own predicate (ISO/IEC 9075-2:2016); PostgreSQL has it since 16. -#}
{% macro default__is_json_object(value) -%}
    {{ value }} is json object
{%- endmacro %}

{#- Trimmed text that is JSON and begins with a brace is an object: parsed once. -#}
{% macro duckdb__is_json_object(value) -%}
    coalesce({{ value }} like '{' || '%' and json_valid({{ value }}), false)
{%- endmacro %}

{#- No predicate; text that is not JSON parses to null. -#}
{% macro snowflake__is_json_object(value) -%}
    coalesce(typeof(try_parse_json({{ value }})) = 'OBJECT', false)
{%- endmacro %}

{#- No predicate; and numbers with more digits than a double holds are JSON as well. -#}
{% macro bigquery__is_json_object(value) -%}
    coalesce(
        json_type(safe.parse_json({{ value }}, wide_number_mode => 'round')) = 'object',
        false
    )
{%- endmacro %}

{#- No predicate; json_parse() fails on other text, so it is asked first. -#}
{% macro redshift__is_json_object(value) -%}
    case
        when can_json_parse({{ value }})
            then json_typeof(json_parse({{ value }})) = 'object'
        else false
    end
{%- endmacro %}

{#- The functions that look into JSON text take single quotes, and look no further than
    the closing brace: in an array with a null after it, it must be one of two. -#}
{% macro spark__is_json_object(value) -%}
    coalesce(
        startswith({{ value }}, '{')
        and size(
            from_json(
                '[' || {{ value }} || ',null]',
                'array<string>',
                map('allowSingleQuotes', 'false')
            )
        ) = 2,
        false
    )
{%- endmacro %}
