{#- Whether a cast raw row cannot be used. Told apart from the verdict, so that whoever
    only counts rows does not read and parse every optional column. -#}
{% macro contract_is_dropped(table) -%}
    {%- set problems = contract_fatal_problems(table) -%}
    {%- if problems -%}
        ({{ problems | map(attribute='condition') | join(' or ') }})
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}
