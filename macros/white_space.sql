{#- All characters of white space, as one text. -#}
{% macro white_space() -%}
    {{ return(adapter.dispatch('white_space', 'pls')()) }}
{%- endmacro %}

{% macro default__white_space(
    characters=[
        9, 10, 11, 12, 13, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199,
        8200, 8201, 8202, 8232, 8233, 8239, 8287, 12288,
    ]
) -%}
    ' '
    {%- for character in characters %} || chr({{ character }}){% endfor %}
{%- endmacro %}

{#- chr() gives ASCII only, so other white space stays. -#}
{% macro redshift__white_space() -%}
    {{ default__white_space([9, 10, 11, 12, 13]) }}
{%- endmacro %}

{#- chr() gives the first 256 characters only; a literal names the others. -#}
{% macro spark__white_space() -%}
    {{ default__white_space([9, 10, 11, 12, 13, 133, 160]) }}
    || '\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a'
    || '\u2028\u2029\u202f\u205f\u3000'
{%- endmacro %}
