{#- A value as a timestamp, or null where it is none. Text is ISO 8601, loosely, in
    either case; without a zone it is UTC. A part of cast_or_null, which DuckDB does in
    its own way. -#}
{% macro moment_or_null(value) -%}
    {{ return(adapter.dispatch('moment_or_null', 'pls')(value)) }}
{%- endmacro %}

{% macro default__moment_or_null(value) -%}
    {{ text_as('upper(' ~ clean_text(value) ~ ')', 'timestamp') }}
{%- endmacro %}

{#- A cast to timestamp ignores an offset, so text with one goes through timestamptz.
    The pattern keeps out the words and bare times that PostgreSQL reads as well. -#}
{% macro postgres__moment_or_null(value) -%}
    {%- set text = 'replace(upper(' ~ clean_text(value) ~ "), '/', '-')" -%}
    case
        when {{ matches_pattern(
            text,
            "'^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
            ~ "([ T][0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}([.][0-9]*)?)?)?$'"
        ) }}
            then {{ text_as(text, 'timestamp') }}
        when {{ matches_pattern(
            text,
            "'^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[ T][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}"
            ~ "([.][0-9]*)? ?(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)$'"
        ) }}
            then {{ text_as(text, 'timestamptz') }} at time zone 'UTC'
    end
{%- endmacro %}

{#- A moment that came as one is taken from a variant: TRY_CAST takes text only, and text
    made from it has milliseconds. The pattern keeps out numbers, which Snowflake reads
    as seconds since 1970; try_to_timestamp_tz() would take a moment without a zone for
    one of the session's zone. -#}
{% macro snowflake__moment_or_null(value) -%}
    {%- set text = 'replace(upper(' ~ clean_text(value) ~ "), '/', '-')" -%}
    case
        when typeof(to_variant({{ value }})) in ('TIMESTAMP_NTZ', 'DATE')
            then coalesce(
                as_timestamp_ntz(to_variant({{ value }})),
                cast(as_date(to_variant({{ value }})) as timestamp_ntz)
            )
        when typeof(to_variant({{ value }})) in ('TIMESTAMP_TZ', 'TIMESTAMP_LTZ')
            then cast(
                convert_timezone(
                    'UTC',
                    coalesce(
                        as_timestamp_tz(to_variant({{ value }})),
                        cast(as_timestamp_ltz(to_variant({{ value }})) as timestamp_tz)
                    )
                ) as timestamp_ntz
            )
        when {{ matches_pattern(
            text,
            "'^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
            ~ "([ T][0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}([.][0-9]*)?)?)?$'"
        ) }}
            then try_to_timestamp_ntz({{ text }})
        when {{ matches_pattern(
            text,
            "'^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[ T][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}"
            ~ "([.][0-9]*)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$'"
        ) }}
            then cast(
                convert_timezone('UTC', try_to_timestamp_tz({{ text }})) as timestamp_ntz
            )
    end
{%- endmacro %}

{#- BigQuery reads an offset, and without one takes UTC, but wants seconds, six decimals
    of them at most, no space before the zone and a colon within it. -#}
{% macro bigquery__moment_or_null(value) -%}
    {%- set text = 'upper(' ~ clean_text(value) ~ ')' -%}
    safe_cast(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace(
                        replace(replace({{ text }}, '/', '-'), ' UTC', 'Z'),
                        '([ T][0-9]{1,2}:[0-9]{1,2})$',
                        r'\1:00'
                    ),
                    '([.][0-9]{6})[0-9]+',
                    r'\1'
                ),
                ' ?(Z|[+-][0-9]{2}:?[0-9]*)$',
                r'\1'
            ),
            '([ T].*[+-][0-9]{2})([0-9]{2})$',
            r'\1:\2'
        )
        as timestamp
    )
{%- endmacro %}

{#- Spark reads a year alone, names of zones, and a bare time as one of today: the pattern
    keeps them out. Slashes, several spaces and a point without decimals are too much for
    it. typeof() is known when the query is planned. -#}
{% macro spark__moment_or_null(value) -%}
    {%- set text = 'upper(' ~ clean_text(value) ~ ')' -%}
    case
        when typeof({{ value }}) in ('timestamp', 'timestamp_ntz', 'date')
            then try_cast({{ value }} as timestamp)
        when {{ matches_pattern(
            text,
            "'^[0-9]{4}(-[0-9]{1,2}-|/[0-9]{1,2}/)[0-9]{1,2}([ T] *[0-9]{1,2}:[0-9]{1,2}"
            ~ "(:[0-9]{1,2}([.][0-9]*)?( ?(UTC|Z|[+-][0-9]{2}(:?[0-9]{2})?))?)?)?$'"
        ) }}
            then try_cast(
                regexp_replace(
                    replace({{ text }}, '/', '-'), '[.](?![0-9])|(?<=[ T]) +', ''
                ) as timestamp
            )
    end
{%- endmacro %}
