{#- A number that stands for the values of some columns; sums of it tell whether two
    sets of rows are the same. -#}
{% macro row_fingerprint(columns) -%}
    {{ return(adapter.dispatch('row_fingerprint', 'pls')(columns)) }}
{%- endmacro %}

{% macro default__row_fingerprint(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{#- Half of the 64 bits, so that a day's sum cannot overflow. -#}
{% macro duckdb__row_fingerprint(columns) -%}
    cast(hash({{ columns | join(', ') }}) >> 32 as bigint)
{%- endmacro %}
