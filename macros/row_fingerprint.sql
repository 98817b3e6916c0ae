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

{#- xxhash64() passes over nulls, so that a null here and a null there would be the same:
    they get a text of their own. Half of the 64 bits, so that sums cannot overflow. -#}
{% macro spark__row_fingerprint(columns) -%}
    shiftright(
        xxhash64(
            {%- for column in columns %}
            coalesce(cast({{ column }} as string), chr(0)){{ ',' if not loop.last }}
            {%- endfor %}
        ),
        32
    )
{%- endmacro %}
