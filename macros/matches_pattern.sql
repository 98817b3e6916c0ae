{#- Whether a text matches a regular expression somewhere. -#}
{% macro matches_pattern(value, pattern) -%}
    {{ return(adapter.dispatch('matches_pattern', 'pls')(value, pattern)) }}
{%- endmacro %}

{% macro default__matches_pattern(value, pattern) -%}
    regexp_like({{ value }}, {{ pattern }})
{%- endmacro %}

{% macro duckdb__matches_pattern(value, pattern) -%}
    regexp_matches({{ value }}, {{ pattern }})
{%- endmacro %}

{#- Spark's literals swallow single backslashes. Java's expressions differ from RE2 in
    three ways: letters outside ASCII keep their case in (?i) without `u`, other line
    ends than \n count without `d`, and \b takes letters outside ASCII for parts of
    words, which \w does not. -#}
{% macro spark__matches_pattern(value, pattern) -%}
    {%- set text = pattern | replace('\\', '\\\\') -%}
    regexp_like(
        {{ value }},
        '(?ud)' || replace(
            {{ text }}, '\\b', '(?:(?<=\\w)(?!\\w)|(?<!\\w)(?=\\w))'
        )
    )
{%- endmacro %}
