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
