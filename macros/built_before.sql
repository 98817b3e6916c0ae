{#- The table of this schema that a model compares with what is there now: it is built
    from that model, so that `ref` would go in a circle. None when there is no such table
    and in unit tests. -#}
{% macro built_before(name) -%}
    {{ return(adapter.dispatch('built_before', 'pls')(name)) }}
{%- endmacro %}

{% macro default__built_before(name) -%}
    {%- if execute and model.resource_type == 'model' -%}
        {{ return(adapter.get_relation(this.database, this.schema, name)) }}
    {%- endif -%}
{%- endmacro %}

{#- Tables are made anew there: nothing is built onto. -#}
{% macro spark__built_before(name) -%}
{%- endmacro %}
