{#- The value in the wanted type, or null where it cannot be cast. A number must be
    finite, an integer whole and of 32 bits, and a moment without a zone is UTC. -#}
{% macro cast_or_null(value, data_type) -%}
    {{ return(adapter.dispatch('cast_or_null', 'pls')(value, data_type)) }}
{%- endmacro %}

{#- What counts as a number or a boolean is said here and not left to the engine: some
    read 'inf', 12.5 as the integer 12, or 'on' as true. -#}
{% macro default__cast_or_null(value, data_type) -%}
    {%- set text = clean_text(value) -%}
    {%- if data_type == 'timestamp' -%}
        {{ moment_or_null(value) }}
    {%- elif data_type == 'date' -%}
        cast({{ moment_or_null(value) }} as date)
    {%- elif data_type == 'boolean' -%}
        case
            when lower({{ text }}) in ('true', 't', 'yes', 'y', '1') then true
            when lower({{ text }}) in ('false', 'f', 'no', 'n', '0') then false
        end
    {%- elif data_type == 'integer' -%}
        {%- set whole = text_as(dbt.split_part(text, "'.'", 1), 'bigint') -%}
        case
            when
                {{ matches_pattern(text, "'^[+-]?[0-9]+([.]0*)?$'") }}
                and {{ whole }} between -2147483648 and 2147483647
                then cast({{ whole }} as {{ engine_type('integer') }})
        end
    {%- elif data_type == 'double' -%}
        {%- set number = text_as(text, 'double') -%}
        case
            when
                {{ matches_pattern(
                    text,
                    "'^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$'"
                ) }}
                and abs({{ number }}) <= 1.7976931348623157e308
                then {{ number }}
        end
    {%- else -%}
        {{ text_as(text, data_type) }}
    {%- endif -%}
{%- endmacro %}

{#- dbt.safe_cast is a plain cast on DuckDB and fails on bad text. A cast of text to
    timestamp ignores an offset, so text with one goes through timestamptz, which is
    slow; typeof() is known when the query is planned and costs nothing. -#}
{% macro duckdb__cast_or_null(value, data_type) -%}
    {%- set text = clean_text(value) -%}
    {%- if data_type == 'timestamp' -%}
        {%- set text = 'upper(' ~ text ~ ')' -%}
        case
            when typeof({{ value }}) in ('TIMESTAMP', 'DATE')
                then try_cast({{ value }} as timestamp)
            when regexp_matches({{ text }}, ':[0-9.]+ ?([+-][0-9:]+|Z)$')
                then cast(
                    try_cast(
                        regexp_replace({{ text }}, ' ([+-][0-9:]+|Z)$', '\1')
                        as timestamptz
                    ) as timestamp
                )
            else try_cast({{ text }} as timestamp)
        end
    {%- elif data_type == 'date' -%}
        cast({{ duckdb__cast_or_null(value, 'timestamp') }} as date)
    {%- elif data_type == 'integer' -%}
        case
            when regexp_full_match({{ text }}, '[+-]?[0-9]+([.]0*)?')
                then try_cast({{ text }} as integer)
        end
    {%- elif data_type == 'double' -%}
        case
            when isfinite(try_cast({{ text }} as double)) then try_cast({{ text }} as double)
        end
    {%- else -%}
        try_cast({{ text }} as {{ data_type }})
    {%- endif -%}
{%- endmacro %}
