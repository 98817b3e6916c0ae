{#- Every contracted column of a raw table in its type, and beside it the raw value as
    `raw_<column>`. -#}
{% macro contract_casts(table) -%}
    {%- for column in raw_contract(table).columns.values() %}
        {{ contract_value(column) }} as {{ column.name }},
        {{ column.name }} as raw_{{ column.name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
