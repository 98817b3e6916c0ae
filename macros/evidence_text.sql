{#- The sentence of metrics.csv with a value put in, and its days left open
    (evidence_days). Reads the columns evidence, n and percent_text. -#}
{% macro evidence_text() -%}
    {%- set values = {
        '{n}': 'n',
        '{percent}': 'percent_text',
        '{times}': "case n when '1' then 'once' when '2' then 'twice' else n || ' times' end",
    } -%}
    {%- do values.update(agreeing_words("n = '1'")) -%}
    {{- filled_text('evidence', values) -}}
{%- endmacro %}
