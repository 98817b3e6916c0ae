{#- The place of a counted metric among those of its level: a number is told apart in a
    fraction of the time that a name takes. -#}
{% macro metric_number(level, metric) -%}
    {{ return(counted_metrics(level).index(metric) + 1) }}
{%- endmacro %}
