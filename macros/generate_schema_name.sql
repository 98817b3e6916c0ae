{#- A folder's schema keeps its own name (`marts`, not `main_marts`): the schema
    names are part of the interface. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
