{#- Why a raw value that is there cannot be used. -#}
{% macro contract_reason(column) -%}
    {%- set meta = column.config.meta -%}
    {%- if meta.format in ('email', 'domain') -%}
        'invalid_{{ meta.format }}'
    {%- elif column.data_type == 'text' -%}
        'uncastable'
    {%- else -%}
        {%- set value = cast_or_null(column.name, column.data_type) -%}
        case
            when {{ value }} is null then 'uncastable'
            {%- if column.data_type in ('timestamp', 'date') %}
            when {{ value }} < cast('2000-01-01' as {{ column.data_type }}) then 'before_epoch'
            else 'in_the_future'
            {%- else %}
            else 'out_of_range'
            {%- endif %}
        end
    {%- endif -%}
{%- endmacro %}
