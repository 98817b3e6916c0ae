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
