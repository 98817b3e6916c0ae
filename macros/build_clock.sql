{#- The moment this build believes it is: the run's start unless the variable says
    otherwise. A literal, so that no model reads a clock. -#}
{% macro build_clock() -%}
    cast('{{ var("build_clock") or run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp)
{%- endmacro %}
