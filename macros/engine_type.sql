{#- A column type of the project's YAML in the engine's own word. -#}
{% macro engine_type(data_type) -%}
    {{ return(adapter.dispatch('engine_type', 'pls')(data_type)) }}
{%- endmacro %}

{% macro default__engine_type(data_type) -%}
    {{ return(data_type) }}
{%- endmacro %}

{#- A text without a length is a string, and 64 bits are part of a number's name. -#}
{% macro bigquery__engine_type(data_type) -%}
    {{ return({
        'varchar': 'string',
        'text': 'string',
        'double': 'float64',
        'integer': 'int64',
        'bigint': 'int64',
        'boolean': 'bool',
    }.get(data_type, data_type)) }}
{%- endmacro %}

{#- `double` alone is no type, on Redshift neither. -#}
{% macro postgres__engine_type(data_type) -%}
    {{ return('double precision' if data_type == 'double' else data_type) }}
{%- endmacro %}

{#- Spark's varchar wants a length; a text without one is a string. -#}
{% macro spark__engine_type(data_type) -%}
    {{ return('string' if data_type == 'varchar' else data_type) }}
{%- endmacro %}
