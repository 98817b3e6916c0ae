{#- The quotient of two numbers as a double; null where the divisor is 0. -#}
{% macro ratio(dividend, divisor) -%}
    cast({{ dividend }} as {{ engine_type('double') }}) / nullif({{ divisor }}, 0)
{%- endmacro %}
