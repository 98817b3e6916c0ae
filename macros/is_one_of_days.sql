{#- A condition: a column of days is one of a list of days, of texts; of an empty list
    none is. -#}
{% macro is_one_of_days(column, days) -%}
    {%- if days -%}
    {{ column }} in (
        {%- for day in days -%}
        cast('{{ day }}' as date){{ ', ' if not loop.last }}
        {%- endfor -%}
    )
    {%- else -%}
    false
    {%- endif -%}
{%- endmacro %}
