{#- A condition that the raw events of a day of arrival and later days all fulfil, and
    that engines can test on whole files: true unless the raw column is a moment. Rows
    without a usable moment of arrival fulfil it too. -#}
{% macro arrived_since(day) -%}
    {%- set types = {} -%}
    {%- for column in adapter.get_columns_in_relation(source('raw', 'events')) -%}
        {%- do types.update({column.name | lower: column.dtype | lower}) -%}
    {%- endfor -%}
    {%- if types['received_at'] == 'timestamp' -%}
        (
            received_at >= cast('{{ day }}' as timestamp)
            or received_at is null
            or received_at < cast('2000-01-01' as timestamp)
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
