{#- Text without white space around it; empty text is null. -#}
{% macro clean_text(value) -%}
    {{ return(adapter.dispatch('clean_text', 'pls')(value)) }}
{%- endmacro %}

{% macro default__clean_text(value) -%}
    nullif(trim(cast({{ value }} as {{ dbt.type_string() }})), '')
{%- endmacro %}

{#- DuckDB's trim() takes spaces only unless told the characters: also tab to carriage
    return, and the no-break space that comes with pasted text. -#}
{% macro duckdb__clean_text(value) -%}
    nullif(
        trim(
            cast({{ value }} as varchar),
            ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(160)
        ),
        ''
    )
{%- endmacro %}

{#- Spark's trim() takes spaces only, too, and has its own words for the characters. -#}
{% macro spark__clean_text(value) -%}
    nullif(
        trim(
            both ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(160)
            from cast({{ value }} as string)
        ),
        ''
    )
{%- endmacro %}
