{#- The regular expression a text of this format must match, in lower case. -#}
{% macro format_pattern(format) -%}
    {{ return(adapter.dispatch('format_pattern', 'pls')(format)) }}
{%- endmacro %}

{#- What may not stand there is listed, in ASCII and without a backslash: engines differ
    in how they take backslashes and letters outside ASCII, but not in this. -#}
{% macro default__format_pattern(format) -%}
    {%- if format == 'email' -%}
        {%- set part = "[^@ ' || chr(9) || '-' || chr(13) || ']+" -%}
        '^{{ part }}@{{ part }}[.]{{ part }}$'
    {%- else -%}
        {%- set label = "[^' || chr(1) || '-,./:-^`{-' || chr(127) || ']+" -%}
        '^{{ label }}([.]{{ label }})+$'
    {%- endif -%}
{%- endmacro %}

{#- A literal is compiled once, and RE2 knows all letters by number. -#}
{% macro duckdb__format_pattern(format) -%}
    {%- if format == 'email' -%}
        '^[^@\s\x0B]+@[^@\s\x0B]+\.[^@\s\x0B]+$'
    {%- else -%}
        '^[a-z0-9_\x{80}-\x{10FFFF}-]+([.][a-z0-9_\x{80}-\x{10FFFF}-]+)+$'
    {%- endif -%}
{%- endmacro %}
