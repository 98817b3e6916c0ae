{#- A sentence of evidence_text with the days of an entity's own events put in, from a
    relation with first_event_at and last_event_at; without one, no day is told. -#}
{% macro evidence_days(sentence, events) -%}
    {%- set values = {} -%}
    {%- for name in ['first', 'last'] -%}
        {%- do values.update({'{' ~ name ~ '}': 'coalesce(cast(cast(' ~ events ~ '.' ~ name
            ~ '_event_at as date) as ' ~ dbt.type_string() ~ "), 'unknown')"}) -%}
    {%- endfor -%}
    {%- set dated -%}
        case
            when {{ events }}.last_event_at is not null then {{ sentence }}
            else replace(
                replace({{ sentence }}, ', last on {last}', ''), ' on {last}', ''
            )
        end
    {%- endset -%}
    {{- filled_text(dated, values) -}}
{%- endmacro %}
