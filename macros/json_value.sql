{#- The value of a top-level key of a JSON object as text; both may be columns. -#}
{% macro json_value(object, key) -%}
    {{ return(adapter.dispatch('json_value', 'pls')(object, key)) }}
{%- endmacro %}

{% macro default__json_value(object, key) -%}
    json_value({{ object }}, '$."' || {{ key }} || '"')
{%- endmacro %}

{#- A path may hold no wildcard, in quotes neither; a pointer (RFC 6901) takes any key. -#}
{% macro duckdb__json_value(object, key) -%}
    json_extract_string(
        {{ object }}, '/' || replace(replace({{ key }}, '~', '~0'), '/', '~1')
    )
{%- endmacro %}

{#- Snowflake has no json_value(); get() takes the key as it is. -#}
{% macro snowflake__json_value(object, key) -%}
    cast(get(try_parse_json({{ object }}), {{ key }}) as varchar)
{%- endmacro %}

{#- A path must be a literal here, a subscript need not be. Nested values are null. -#}
{% macro bigquery__json_value(object, key) -%}
    json_value(safe.parse_json({{ object }}, wide_number_mode => 'round')[{{ key }}])
{%- endmacro %}

{#- json_value() came with version 17, and its path is of a type of its own. -#}
{% macro postgres__json_value(object, key) -%}
    (cast({{ object }} as json) ->> {{ key }})
{%- endmacro %}

{#- A key that is not there may give empty text: it is no value either way. -#}
{% macro redshift__json_value(object, key) -%}
    nullif(json_extract_path_text({{ object }}, {{ key }}, true), '')
{%- endmacro %}

{#- Spark has get_json_object() for it, and quotes the key in brackets. -#}
{% macro spark__json_value(object, key) -%}
    get_json_object({{ object }}, '$[' || chr(39) || {{ key }} || chr(39) || ']')
{%- endmacro %}
