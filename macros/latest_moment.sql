{#- Rows dated later than this are in the future: a day after the build's clock, so
    that clocks that run ahead lose nothing. A literal, as the clock is. -#}
{% macro latest_moment() -%}
    {{ return(adapter.dispatch('latest_moment', 'pls')()) }}
{%- endmacro %}

{% macro default__latest_moment() -%}
    {{ dbt.dateadd('day', 1, build_clock()) }}
{%- endmacro %}

{#- dbt.dateadd gives a datetime, which cannot be compared with a timestamp. -#}
{% macro bigquery__latest_moment() -%}
    timestamp_add({{ build_clock() }}, interval 1 day)
{%- endmacro %}

{#- dbt.dateadd goes through whole seconds and an assertion. -#}
{% macro spark__latest_moment() -%}
    timestampadd(day, 1, {{ build_clock() }})
{%- endmacro %}
