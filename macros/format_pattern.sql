{#- The regular expression a text of this format must match, in lower case. -#}
{% macro format_pattern(format) -%}
    {{ return(adapter.dispatch('format_pattern', 'pls')(format)) }}
{%- endmacro %}

{#- What may not stand there is listed, in ASCII and without a backslash: engines differ
    in how they take backslashes and letters outside ASCII, but not in this. -#}
{% macro default__format_pattern(
    format,
    wide_spaces="' || chr(133) || chr(160) || chr(5760) || chr(8192) || '-'"
    ~ " || chr(8202) || chr(8232) || chr(8233) || chr(8239) || chr(8287) || chr(12288) || '"
) -%}
    {%- if format == 'email' -%}
        {%- set part = "[^@ ' || chr(9) || '-' || chr(13) || '" ~ wide_spaces ~ "]+" -%}
        '^{{ part }}@{{ part }}[.]{{ part }}$'
    {%- else -%}
        {%- set label = "[^' || chr(1) || '-,./:-^`{-' || chr(127) || ']+" -%}
        '^{{ label }}([.]{{ label }})+$'
    {%- endif -%}
{%- endmacro %}

{#- A literal is compiled once, and RE2 knows all letters by number. -#}
{% macro duckdb__format_pattern(format) -%}
    {%- if format == 'email' -%}
        {%- set part = '[^@\\s\\x0B\\x85\\pZ]+' -%}
        '^{{ part }}@{{ part }}[.]{{ part }}$'
    {%- else -%}
        '^[a-z0-9_\x{80}-\x{10FFFF}-]+([.][a-z0-9_\x{80}-\x{10FFFF}-]+)+$'
    {%- endif -%}
{%- endmacro %}

{#- chr() gives ASCII only, so other white space stays. -#}
{% macro redshift__format_pattern(format) -%}
    {{ default__format_pattern(format, '') }}
{%- endmacro %}

{#- chr() gives the first 256 characters only, but Java's expressions know the class. -#}
{% macro spark__format_pattern(format) -%}
    {{ default__format_pattern(format, '\\\\x85\\\\p{Z}') }}
{%- endmacro %}
