{#- The `raw_` columns of a cast raw row as one JSON object in text, under the names
    they came with. -#}
{% macro json_row(columns) -%}
    {{ return(adapter.dispatch('json_row', 'pls')(columns)) }}
{%- endmacro %}

{#- Standard SQL's constructor (ISO/IEC 9075-2:2016). -#}
{% macro default__json_row(columns) -%}
    json_object(
        {%- for column in columns %}
        '{{ column }}' value raw_{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{% macro duckdb__json_row(columns) -%}
    cast(
        json_object(
            {%- for column in columns %}
            '{{ column }}', raw_{{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        ) as varchar
    )
{%- endmacro %}

{#- object_construct() would leave out the nulls. -#}
{% macro snowflake__json_row(columns) -%}
    to_json(
        object_construct_keep_null(
            {%- for column in columns %}
            '{{ column }}', raw_{{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
    )
{%- endmacro %}

{#- json_object() gives JSON, which cannot be compared; a struct's fields name it. -#}
{% macro bigquery__json_row(columns) -%}
    to_json_string(
        struct(
            {%- for column in columns %}
            raw_{{ column }} as {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
    )
{%- endmacro %}

{#- The standard's words came with version 16, and give JSON, which cannot be compared. -#}
{% macro postgres__json_row(columns) -%}
    cast(
        json_build_object(
            {%- for column in columns %}
            '{{ column }}', raw_{{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        ) as text
    )
{%- endmacro %}

{#- object() takes no dates and moments, so every value is told as text. -#}
{% macro redshift__json_row(columns) -%}
    json_serialize(
        object(
            {%- for column in columns %}
            '{{ column }}', cast(raw_{{ column }} as varchar(65535))
            {{- ',' if not loop.last }}
            {%- endfor %}
        )
    )
{%- endmacro %}

{#- to_json() leaves out nulls and writes moments in a form of its own: the object is
    put together from its parts. An array of one text is how a text is quoted. -#}
{% macro spark__json_row(columns) -%}
    '{'
    {%- for column in columns %}
    || '"{{ column }}":'
    || case
        when raw_{{ column }} is null then 'null'
        when typeof(raw_{{ column }}) in ('string', 'timestamp', 'timestamp_ntz', 'date')
            then substring(
                to_json(array(cast(raw_{{ column }} as string))),
                2,
                length(to_json(array(cast(raw_{{ column }} as string)))) - 2
            )
        else cast(raw_{{ column }} as string)
    end
    {{- " || ','" if not loop.last }}
    {%- endfor %}
    || '}'
{%- endmacro %}
