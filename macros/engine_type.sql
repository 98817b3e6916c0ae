{#- A column type of the project's YAML in the engine's own word. -#}
{% macro engine_type(data_type) -%}
    {{ return(adapter.dispatch('engine_type', 'pls')(data_type)) }}
{%- endmacro %}

{% macro default__engine_type(data_type) -%}
    {{ return(data_type) }}
{%- endmacro %}

{#- Spark's varchar wants a length; a text without one is a string. -#}
{% macro spark__engine_type(data_type) -%}
    {{ return('string' if data_type == 'varchar' else data_type) }}
{%- endmacro %}
