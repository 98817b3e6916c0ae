{#- A seed as dbt knows it, its column types in the engine's own words. -#}
{% macro with_engine_types(seed) -%}
    {%- set types = {} -%}
    {%- for column, data_type in seed.config.column_types.items() -%}
        {%- do types.update({column: engine_type(data_type)}) -%}
    {%- endfor -%}
    {{ return(dict(seed, config=dict(seed.config, column_types=types))) }}
{%- endmacro %}
