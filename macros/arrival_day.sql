{#- The day a raw event arrived, from its two moments as SQL; a row that tells neither
    arrived on a day of its own, before all others. -#}
{% macro arrival_day(received_at, occurred_at) -%}
    cast(
        coalesce({{ received_at }}, {{ occurred_at }}, cast('1900-01-01' as timestamp))
        as date
    )
{%- endmacro %}
