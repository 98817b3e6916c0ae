{#- The sentence of trigger_rules.csv with the numbers of what triggered it put in. -#}
{% macro trigger_text(sentence, n, m) -%}
    {%- set values = {
        '{n}': number_text(n),
        '{m}': number_text(m, 0),
        '{times}': 'case ' ~ n ~ " when 1 then 'once' when 2 then 'twice' else "
        ~ number_text(n) ~ " || ' times' end",
    } -%}
    {%- set text = namespace(sql=sentence) -%}
    {%- for name, value in values.items() -%}
        {%- set text.sql -%}
            replace({{ text.sql }}, '{{ name }}', coalesce({{ value }}, ''))
        {%- endset -%}
    {%- endfor -%}
    {{ text.sql }}
{%- endmacro %}
