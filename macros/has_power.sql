{#- Whether a power of two is among the different ones that add up to a number. -#}
{% macro has_power(number, power) -%}
    floor({{ number }} / {{ power }}) % 2 = 1
{%- endmacro %}
