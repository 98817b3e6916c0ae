{#- The last day of which nothing more is expected to arrive, seen from the as-of date. -#}
{% macro settled_on(as_of_date) -%}
    {{ return(add_days(as_of_date, -1 - (var('late_arrival_days') | int))) }}
{%- endmacro %}
