{#- Text without white space around it; empty text is null. -#}
{% macro clean_text(value) -%}
    {{ return(adapter.dispatch('clean_text', 'pls')(value)) }}
{%- endmacro %}

{% macro default__clean_text(value) -%}
    nullif(trim(cast({{ value }} as {{ dbt.type_string() }})), '')
{%- endmacro %}

{#- DuckDB's trim() takes spaces only unless told the characters: also tab to carriage
    return, and the no-break space that comes with pasted text. It costs more than reading
    the text does, so text that begins with a visible ASCII letter and ends with no white
    space is taken as it is. -#}
{% macro duckdb__clean_text(value) -%}
    {%- set text = 'cast(' ~ value ~ ' as varchar)' -%}
    case
        when
            {{ text }} >= '!'
            and {{ text }} < chr(127)
            {%- for character in [32, 9, 10, 11, 12, 13, 160] %}
            and not ends_with({{ text }}, chr({{ character }}))
            {%- endfor %}
            then {{ text }}
        else
            nullif(
                trim(
                    {{ text }},
                    ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(160)
                ),
                ''
            )
    end
{%- endmacro %}

{#- Spaces only here, too, and the same words for the rest. -#}
{% macro snowflake__clean_text(value) -%}
    nullif(
        trim(
            cast({{ value }} as {{ engine_type('varchar') }}),
            ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(160)
        ),
        ''
    )
{%- endmacro %}

{#- All of Unicode's white space unless told the characters: more than elsewhere. -#}
{% macro bigquery__clean_text(value) -%}
    {{ snowflake__clean_text(value) }}
{%- endmacro %}

{#- Spaces only, and the standard's words for the rest. -#}
{% macro postgres__clean_text(value) -%}
    nullif(
        trim(
            both ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(160)
            from cast({{ value }} as {{ dbt.type_string() }})
        ),
        ''
    )
{%- endmacro %}

{#- btrim() takes the characters as an expression; chr() gives ASCII only, so a no-break
    space stays. Redshift casts no boolean to text: raw booleans must come as text. -#}
{% macro redshift__clean_text(value) -%}
    nullif(
        btrim(
            cast({{ value }} as varchar(65535)),
            ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)
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
