{#- A field of a payload in its type. -#}
{% macro crm_value(payload, field, type) -%}
    {%- set value = json_value(payload, "'" ~ field ~ "'") -%}
    {%- if type == 'text' -%}
        {{ value }}
    {%- else -%}
        cast({{ value }} as {{ dbt.type_bigint() if type == 'bigint' else type }})
    {%- endif -%}
{%- endmacro %}
