{#- A sentence with values put in for the names in braces; a value that is null is nothing. -#}
{% macro filled_text(sentence, values) -%}
    {%- set text = namespace(sql=sentence) -%}
    {%- for name, value in values.items() -%}
        {%- set text.sql -%}
            replace({{ text.sql }}, '{{ name }}', coalesce({{ value }}, ''))
        {%- endset -%}
    {%- endfor -%}
    {{ text.sql }}
{%- endmacro %}
