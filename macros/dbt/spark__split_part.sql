{#- Spark has split_part(), like others: empty where there is no such part. dbt-spark takes
    the delimiter for a regular expression and gives null. -#}
{% macro spark__split_part(string_text, delimiter_text, part_number) -%}
    split_part({{ string_text }}, {{ delimiter_text }}, {{ part_number }})
{%- endmacro %}
