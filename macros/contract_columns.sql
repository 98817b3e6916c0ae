{#- The select list of a raw table: every contracted column in its type. -#}
{% macro contract_columns(table) -%}
    {%- set columns = raw_contract(table).columns -%}
    {%- for column in columns.values() %}
        {%- set fallback = column.config.meta.default %}
        {% if fallback -%}
            coalesce({{ contract_value(column) }}, {{ contract_value(columns[fallback]) }})
        {%- else -%}
            {{ contract_value(column) }}
        {%- endif %} as {{ column.name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
