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

{#- Half of the bits again; shifts are functions. -#}
{% macro snowflake__row_fingerprint(columns) -%}
    bitshiftright(hash({{ columns | join(', ') }}), 32)
{%- endmacro %}

{#- Half of the bits again; the hash takes one text, which tells null from empty. -#}
{% macro bigquery__row_fingerprint(columns) -%}
    (farm_fingerprint(to_json_string(struct({{ columns | join(', ') }}))) >> 32)
{%- endmacro %}

{#- 32 bits of the only hash it documents; a row's text tells null from empty. -#}
{% macro postgres__row_fingerprint(columns) -%}
    cast(
        cast(
            'x' || substring(md5(cast(row({{ columns | join(', ') }}) as text)), 1, 8)
            as bit(32)
        ) as bigint
    )
{%- endmacro %}

{#- A row is no text here, but each column has a hash, with a seed that tells columns and
    nulls apart. The hash of their sum keeps together what stands in one row; without
    their last bits the sum cannot overflow. -#}
{% macro redshift__row_fingerprint(columns) -%}
    (
        fnv_hash(
            {%- for column in columns %}
            (coalesce(fnv_hash({{ column }}, {{ loop.index }}), {{ loop.index }}) >> 8)
            {{- ' +' if not loop.last }}
            {%- endfor %}
        ) >> 32
    )
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
