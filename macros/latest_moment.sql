{#- Rows dated later than this are in the future: a day after the build's clock, so
    that clocks that run ahead lose nothing. -#}
{% macro latest_moment() -%}
    {{ dbt.dateadd('day', 1, build_clock()) }}
{%- endmacro %}
