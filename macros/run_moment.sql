{#- The moment the run began, whatever clock the build believes in: it tells what one
    build loaded from what the others did. -#}
{% macro run_moment() -%}
    cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as timestamp)
{%- endmacro %}
