{#- A date some days later (earlier when negative); both may be expressions. -#}
{% macro add_days(date, days) -%}
    {{ return(adapter.dispatch('add_days', 'pls')(date, days)) }}
{%- endmacro %}

{% macro default__add_days(date, days) -%}
    cast({{ dbt.dateadd('day', days, date) }} as date)
{%- endmacro %}

{#- Plain integer addition keeps the type and is several times faster. -#}
{% macro duckdb__add_days(date, days) -%}
    ({{ date }} + cast({{ days }} as integer))
{%- endmacro %}

{#- dbt.dateadd goes by way of a datetime; date_add() stays with dates, which lets the
    engine skip partitions. -#}
{% macro bigquery__add_days(date, days) -%}
    date_add({{ date }}, interval {{ days }} day)
{%- endmacro %}

{#- dbt.dateadd goes through text and fails on null; date_add() takes whole days. -#}
{% macro spark__add_days(date, days) -%}
    date_add({{ date }}, cast({{ days }} as int))
{%- endmacro %}
