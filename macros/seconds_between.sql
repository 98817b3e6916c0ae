{#- Seconds from the first moment to the second, a double with their fractions:
    dbt.datediff counts the borders between whole seconds. -#}
{% macro seconds_between(first_moment, second_moment) -%}
    {{ return(adapter.dispatch('seconds_between', 'pls')(first_moment, second_moment)) }}
{%- endmacro %}

{% macro default__seconds_between(first_moment, second_moment) -%}
    cast(
        extract(epoch from {{ second_moment }}) - extract(epoch from {{ first_moment }})
        as {{ engine_type('double') }}
    )
{%- endmacro %}

{#- Microseconds are whole numbers: no rounding before the division. -#}
{% macro duckdb__seconds_between(first_moment, second_moment) -%}
    (date_diff('microsecond', {{ first_moment }}, {{ second_moment }}) / 1000000.0)
{%- endmacro %}

{#- Its epoch has no fractions. -#}
{% macro snowflake__seconds_between(first_moment, second_moment) -%}
    (
        cast(
            datediff(microsecond, {{ first_moment }}, {{ second_moment }})
            as {{ engine_type('double') }}
        ) / 1000000
    )
{%- endmacro %}

{#- It has no epoch to extract. -#}
{% macro bigquery__seconds_between(first_moment, second_moment) -%}
    (timestamp_diff({{ second_moment }}, {{ first_moment }}, microsecond) / 1000000)
{%- endmacro %}

{#- Its epoch has no fractions, and its division of whole numbers neither. -#}
{% macro redshift__seconds_between(first_moment, second_moment) -%}
    (
        cast(
            datediff(microsecond, {{ first_moment }}, {{ second_moment }})
            as {{ engine_type('double') }}
        ) / 1000000
    )
{%- endmacro %}

{#- Microseconds again; a number with an exponent is a double, one without a decimal of
    limited digits. -#}
{% macro spark__seconds_between(first_moment, second_moment) -%}
    ((unix_micros({{ second_moment }}) - unix_micros({{ first_moment }})) / 1e6)
{%- endmacro %}
