{#- The sentence of trigger_rules.csv with the numbers of what triggered it put in. -#}
{% macro trigger_text(sentence, n, m) -%}
    {%- set values = {
        '{n}': number_text(n),
        '{m}': number_text(m, 0),
        '{times}': 'case ' ~ n ~ " when 1 then 'once' when 2 then 'twice' else "
        ~ number_text(n) ~ " || ' times' end",
    } -%}
    {%- do values.update(agreeing_words(n ~ ' = 1')) -%}
    {%- do values.update(agreeing_words(m ~ ' = 1', 'm', ['s'])) -%}
    {{- filled_text(sentence, values) -}}
{%- endmacro %}
