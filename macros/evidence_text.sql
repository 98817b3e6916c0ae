{#- The sentence of metrics.csv with an entity's own numbers put in. Reads the columns
    evidence, n, percent_text, metric_value, first_event_at and last_event_at. -#}
{% macro evidence_text() -%}
    {%- set day = dbt.type_string() -%}
    {%- set values = {
        '{n}': 'n',
        '{percent}': 'percent_text',
        '{times}': "case n when '1' then 'once' when '2' then 'twice' else n || ' times' end",
        '{first}': "coalesce(cast(cast(first_event_at as date) as " ~ day ~ "), 'unknown')",
        '{last}': "coalesce(cast(cast(last_event_at as date) as " ~ day ~ "), 'unknown')",
    } -%}
    {%- do values.update(agreeing_words("n = '1'")) -%}
    {{- filled_text('evidence', values) -}}
{%- endmacro %}
