{#- The column of examples that says whether paying followed within var conversion_days. -#}
{% macro conversion_label() -%}
    {%- if var('conversion_days') | int not in label_days() -%}
        {{ variable_error('conversion_days', 'one of ' ~ label_days() | join(', ')) }}
    {%- endif -%}
    {{ return('is_converted_' ~ var('conversion_days') ~ 'd') }}
{%- endmacro %}
