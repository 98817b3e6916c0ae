{#- Text without white space around it, Unicode's wide spaces among it; empty text is null. -#}
{% macro clean_text(value) -%}
    {{ return(adapter.dispatch('clean_text', 'pls')(value)) }}
{%- endmacro %}

{#- trim() takes spaces only unless told the characters. -#}
{% macro default__clean_text(value) -%}
    nullif(
        trim(cast({{ value }} as {{ engine_type('varchar') }}), {{ white_space() }}), ''
    )
{%- endmacro %}

{#- To tell trim() the characters costs more than reading the text does, the more the longer
    the list. So ASCII text that begins with a visible letter and ends with no white space is
    taken as it is, and the rest is asked by an expression that is compiled once. -#}
{% macro duckdb__clean_text(value) -%}
    {%- set text = 'cast(' ~ value ~ ' as varchar)' -%}
    {%- set space = '[\\s\\x0B\\x85\\pZ]' -%}
    case
        when
            {{ text }} >= '!'
            and {{ text }} < chr(127)
            and strlen({{ text }}) = length({{ text }})
            {%- for character in [32, 9, 10, 11, 12, 13] %}
            and not ends_with({{ text }}, chr({{ character }}))
            {%- endfor %}
            then {{ text }}
        when regexp_matches({{ text }}, '^{{ space }}|{{ space }}$')
            then nullif(
                regexp_replace({{ text }}, '^{{ space }}+|{{ space }}+$', '', 'g'), ''
            )
        else nullif({{ text }}, '')
    end
{%- endmacro %}

{#- The standard's words for the characters. -#}
{% macro postgres__clean_text(value) -%}
    nullif(
        trim(
            both {{ white_space() }} from cast({{ value }} as {{ dbt.type_string() }})
        ),
        ''
    )
{%- endmacro %}

{#- btrim() takes the characters as an expression. Redshift casts no boolean to text: raw
    booleans must come as text. -#}
{% macro redshift__clean_text(value) -%}
    nullif(btrim(cast({{ value }} as varchar(65535)), {{ white_space() }}), '')
{%- endmacro %}

{% macro spark__clean_text(value) -%}
    {{ postgres__clean_text(value) }}
{%- endmacro %}
