{#- How many weeks in a row, counted from the last, usage was above (`>`) or below (`<`)
    the week before. -#}
{% macro weeks_in_a_row(comparison, relation) -%}
    case
        {%- for week in range(3) %}
        when
            not {{ relation }}.usage_events_w{{ week }}
            {{ comparison }} {{ relation }}.usage_events_w{{ week + 1 }}
            then {{ week }}
        {%- endfor %}
        else 3
    end
{%- endmacro %}
