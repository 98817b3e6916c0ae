{#- The select list of a cast raw table: every contracted column, empty ones filled
    from their default. -#}
{% macro contract_columns(table) -%}
    {%- for column in raw_contract(table).columns.values() %}
        {%- if column.config.meta.default %}
        coalesce({{ column.name }}, {{ column.config.meta.default }}) as {{ column.name }}
        {%- else %}
        {{ column.name }}
        {%- endif %}
        {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
