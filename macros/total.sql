{#- The sum of whole numbers as a whole number: engines widen sums in their own ways
    (DuckDB to 128 bits), and the marts promise bigint. -#}
{% macro total(expression) -%}
    cast(sum({{ expression }}) as {{ dbt.type_bigint() }})
{%- endmacro %}
