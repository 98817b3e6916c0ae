{#- A double rounded to some decimals, still a double. -#}
{% macro rounded(value, decimals) -%}
    {{ return(adapter.dispatch('rounded', 'pls')(value, decimals)) }}
{%- endmacro %}

{% macro default__rounded(value, decimals) -%}
    round({{ value }}, {{ decimals }})
{%- endmacro %}

{#- PostgreSQL rounds only decimals to decimals; back as a double it has no zeros at the
    end. -#}
{% macro postgres__rounded(value, decimals) -%}
    cast(round(cast({{ value }} as numeric), {{ decimals }}) as double precision)
{%- endmacro %}

{#- Redshift rounds doubles, and its numeric has no decimals unless told. -#}
{% macro redshift__rounded(value, decimals) -%}
    {{ default__rounded(value, decimals) }}
{%- endmacro %}
