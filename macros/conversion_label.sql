{#- The column of examples that says whether paying followed within var conversion_days. -#}
{% macro conversion_label() -%}
    {%- if var('conversion_days') | int not in label_days() -%}
        {{ exceptions.raise_compiler_error(
            'var conversion_days: ' ~ var('conversion_days') ~ ' is not one of '
            ~ label_days() | join(', ') ~ '; give one of these'
        ) }}
    {%- endif -%}
    {{ return('is_converted_' ~ var('conversion_days') ~ 'd') }}
{%- endmacro %}
