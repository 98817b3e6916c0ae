{#- Spark's literals swallow single backslashes, which dbt-spark leaves as they are. -#}
{% macro spark__escape_single_quotes(expression) -%}
    {{ return(expression | replace('\\', '\\\\') | replace("'", "\\'")) }}
{%- endmacro %}
