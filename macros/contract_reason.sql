{#- Why a cast gave null, as SQL over the raw value of a contracted column. -#}
{% macro contract_reason(column) -%}
    {%- set meta = column.config.meta -%}
    {%- set raw_value = 'raw_' ~ column.name -%}
    case
        when {{ clean_text(raw_value) }} is null then 'missing_required'
        {%- if meta.format in ('email', 'domain') %}
        else 'invalid_{{ meta.format }}'
        {%- elif column.data_type == 'text' %}
        else 'uncastable'
        {%- else %}
        {%- set value = cast_or_null(raw_value, column.data_type) %}
        when {{ value }} is null then 'uncastable'
        {%- if column.data_type in ('timestamp', 'date') %}
        when {{ value }} < cast('2000-01-01' as {{ column.data_type }}) then 'before_epoch'
        else 'in_the_future'
        {%- else %}
        else 'out_of_range'
        {%- endif %}
        {%- endif %}
    end
{%- endmacro %}
