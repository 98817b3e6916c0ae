{#- A text as a JSON string, in quotes. -#}
{% macro json_text(value) -%}
    {{ return(adapter.dispatch('json_text', 'pls')(value)) }}
{%- endmacro %}

{#- Standard SQL's constructor (ISO/IEC 9075-2:2016) of an array, without its brackets. -#}
{% macro default__json_text(value) -%}
    substring(
        json_array({{ value }}), 2, char_length(json_array({{ value }})) - 2
    )
{%- endmacro %}

{% macro duckdb__json_text(value) -%}
    cast(to_json({{ value }}) as varchar)
{%- endmacro %}

{% macro snowflake__json_text(value) -%}
    to_json(to_variant({{ value }}))
{%- endmacro %}

{% macro bigquery__json_text(value) -%}
    to_json_string({{ value }})
{%- endmacro %}

{#- The standard's constructor came with version 16. -#}
{% macro postgres__json_text(value) -%}
    cast(to_json(cast({{ value }} as text)) as text)
{%- endmacro %}

{#- It serialises arrays, not texts. -#}
{% macro redshift__json_text(value) -%}
    substring(
        json_serialize(array({{ value }})),
        2,
        len(json_serialize(array({{ value }}))) - 2
    )
{%- endmacro %}

{#- An array of one text is how a text is quoted. -#}
{% macro spark__json_text(value) -%}
    substring(
        to_json(array({{ value }})), 2, length(to_json(array({{ value }}))) - 2
    )
{%- endmacro %}
