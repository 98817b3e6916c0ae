{#- The value in the wanted type, or null where it cannot be cast. A number must be
    finite, an integer whole, and a moment without a zone is UTC. -#}
{% macro cast_or_null(value, data_type) -%}
    {{ return(adapter.dispatch('cast_or_null', 'pls')(value, data_type)) }}
{%- endmacro %}

{% macro default__cast_or_null(value, data_type) -%}
    try_cast({{ clean_text(value) }} as {{ data_type }})
{%- endmacro %}

{#- dbt.safe_cast is a plain cast on DuckDB and fails on bad text. A cast of text to
    timestamp ignores an offset, so text with one goes through timestamptz, which is
    slow; typeof() is known when the query is planned and costs nothing. -#}
{% macro duckdb__cast_or_null(value, data_type) -%}
    {%- set text = clean_text(value) -%}
    {%- if data_type == 'timestamp' -%}
        case
            when typeof({{ value }}) in ('TIMESTAMP', 'DATE')
                then try_cast({{ value }} as timestamp)
            when regexp_matches({{ text }}, ':[0-9.]+ ?([+-][0-9:]+|[zZ])$')
                then cast(
                    try_cast(
                        regexp_replace({{ text }}, ' ([+-][0-9:]+|[zZ])$', '\1')
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

{#- Spark reads more than other engines do: a year alone, names of zones, `10d` as a
    double, 12.5 as the integer 12. What is read is therefore said by a pattern; a moment
    of a bare time would even take today's date. typeof() is folded when the query is
    planned. -#}
{% macro spark__cast_or_null(value, data_type) -%}
    {%- set text = clean_text(value) -%}
    {%- if data_type == 'timestamp' -%}
        case
            when typeof({{ value }}) in ('timestamp', 'timestamp_ntz', 'date')
                then try_cast({{ value }} as timestamp)
            when {{ matches_pattern(
                text,
                "'^[0-9]{4}([-/])[0-9]{1,2}\\1[0-9]{1,2}"
                ~ "([ T] *[0-9]{1,2}:[0-9]{1,2}"
                ~ "(:[0-9]{1,2}([.][0-9]*)?( ?(UTC|Z|[+-][0-9]{2}(:?[0-9]{2})?))?)?)?$'"
            ) }}
                then try_cast(
                    regexp_replace(replace({{ text }}, '/', '-'), '[.](?![0-9])', '')
                    as timestamp
                )
        end
    {%- elif data_type == 'date' -%}
        cast({{ spark__cast_or_null(value, 'timestamp') }} as date)
    {%- elif data_type == 'integer' -%}
        case
            when {{ matches_pattern(text, "'^[+-]?[0-9]+([.]0*)?$'") }}
                then try_cast(split_part({{ text }}, '.', 1) as int)
        end
    {%- elif data_type == 'double' -%}
        case
            when
                {{ matches_pattern(
                    text,
                    "'^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$'"
                ) }}
                and abs(try_cast({{ text }} as double)) < cast('Infinity' as double)
                then try_cast({{ text }} as double)
        end
    {%- else -%}
        try_cast({{ text }} as {{ data_type }})
    {%- endif -%}
{%- endmacro %}
