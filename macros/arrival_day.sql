{#- The day a raw event arrived, from its two moments as SQL. A row that tells neither, but
    for moments that lie in the future, arrived on the day it tells: it stays there when
    the clock gets that far. A row that tells no day arrived on one of its own, before all
    others. -#}
{% macro arrival_day(received_at, occurred_at, raw_received_at, raw_occurred_at) -%}
    cast(
        coalesce(
            {{ received_at }},
            {{ occurred_at }},
            {% for raw_value in [raw_received_at, raw_occurred_at] -%}
            {%- set moment = cast_or_null(raw_value, 'timestamp') -%}
            case when {{ moment }} >= cast('2000-01-01' as timestamp) then {{ moment }} end,
            {% endfor -%}
            cast('1900-01-01' as timestamp)
        )
        as date
    )
{%- endmacro %}
