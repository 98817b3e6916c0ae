{#- The quotient of two numbers as a double; null where the divisor is 0. -#}
{% macro ratio(dividend, divisor) -%}
    {{ return(adapter.dispatch('ratio', 'pls')(dividend, divisor)) }}
{%- endmacro %}

{% macro default__ratio(dividend, divisor) -%}
    cast({{ dividend }} as double precision) / nullif({{ divisor }}, 0)
{%- endmacro %}

{#- The standard's own name of the type has two words, of which Spark knows the first. -#}
{% macro spark__ratio(dividend, divisor) -%}
    cast({{ dividend }} as double) / nullif({{ divisor }}, 0)
{%- endmacro %}
