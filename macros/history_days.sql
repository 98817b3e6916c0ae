{#- Days of history that are scored, the as-of date included: one at least. -#}
{% macro history_days() -%}
    {{ return([var('score_history_days') | int, 1] | max) }}
{%- endmacro %}
