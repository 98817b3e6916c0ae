{#- The first day of the weekly grid, a Monday, on or after a date. -#}
{% macro next_grid_day(date) -%}
    {%- set first_monday = "cast('2000-01-03' as date)" -%}
    {{ add_days(
        first_monday, 'cast(ceil(' ~ days_between(first_monday, date) ~ ' / 7.0) as integer) * 7'
    ) }}
{%- endmacro %}
