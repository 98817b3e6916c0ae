{#- The regular expression a text of this format must match, in lower case. -#}
{% macro format_pattern(format) -%}
    {%- if format == 'email' -%}
        '^[^@\s\x0B]+@[^@\s\x0B]+\.[^@\s\x0B]+$'
    {%- else -%}
        '^[a-z0-9_\x{80}-\x{10FFFF}-]+([.][a-z0-9_\x{80}-\x{10FFFF}-]+)+$'
    {%- endif -%}
{%- endmacro %}
