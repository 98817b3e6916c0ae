{#- Whether a text matches a regular expression somewhere. A literal pattern must do
    without backslashes, which literals of some engines swallow. -#}
{% macro matches_pattern(value, pattern, ignore_case=false) -%}
    {{ return(adapter.dispatch('matches_pattern', 'pls')(value, pattern, ignore_case)) }}
{%- endmacro %}

{#- The standard calls it like_regex and has `i` for any case; functions of this name are
    what engines have. -#}
{% macro default__matches_pattern(value, pattern, ignore_case=false) -%}
    regexp_like({{ value }}, {{ "'(?i)' || " if ignore_case }}{{ pattern }})
{%- endmacro %}

{% macro duckdb__matches_pattern(value, pattern, ignore_case=false) -%}
    regexp_matches({{ value }}, {{ "'(?i)' || " if ignore_case }}{{ pattern }})
{%- endmacro %}

{#- regexp_like() must match the whole text here, and (?i) is a parameter. -#}
{% macro snowflake__matches_pattern(value, pattern, ignore_case=false) -%}
    (regexp_instr({{ value }}, {{ pattern }}, 1, 1, 0, '{{ "i" if ignore_case else "c" }}') > 0)
{%- endmacro %}

{% macro bigquery__matches_pattern(value, pattern, ignore_case=false) -%}
    regexp_contains({{ value }}, {{ "'(?i)' || " if ignore_case }}{{ pattern }})
{%- endmacro %}

{#- The border of a word is \y here, and \b a backspace. -#}
{% macro postgres__matches_pattern(value, pattern, ignore_case=false) -%}
    ({{ value }} {{ '~*' if ignore_case else '~' }} replace({{ pattern }}, '\b', '\y'))
{%- endmacro %}

{#- `p` is for Perl's expressions: the operators know neither (?i) nor \b. -#}
{% macro redshift__matches_pattern(value, pattern, ignore_case=false) -%}
    (regexp_instr({{ value }}, {{ pattern }}, 1, 1, 0, '{{ "ip" if ignore_case else "cp" }}') > 0)
{%- endmacro %}

{#- Java's expressions differ from RE2 in three ways: letters outside ASCII keep their case
    in (?i) without `u`, other line ends than \n count without `d`, and \b takes letters
    outside ASCII for parts of words, which \w does not. Spark's literals swallow single
    backslashes. -#}
{% macro spark__matches_pattern(value, pattern, ignore_case=false) -%}
    regexp_like(
        {{ value }},
        '(?{{ "uid" if ignore_case else "ud" }})' || replace(
            {{ pattern }}, '\\b', '(?:(?<=\\w)(?!\\w)|(?<!\\w)(?=\\w))'
        )
    )
{%- endmacro %}
