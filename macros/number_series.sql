{#- A query of the whole numbers from 0 up to one below the count, as `n`. -#}
{% macro number_series(count) -%}
    {{ return(adapter.dispatch('number_series', 'pls')(count)) }}
{%- endmacro %}

{#- Digits of powers of ten, cross joined: plain SQL, and any engine folds it. -#}
{% macro default__number_series(count) -%}
    select n from (
        select
            {% for power in range(5) %}
            digit_{{ power }}.d * {{ 10 ** power }}{{ ' +' if not loop.last }}
            {% endfor %} as n
        from
            {% for power in range(5) %}
            (
                {% for digit in range(10) %}
                select {{ digit }} as d{{ ' union all' if not loop.last }}
                {% endfor %}
            ) as digit_{{ power }}{{ ' cross join' if not loop.last }}
            {% endfor %}
    ) as numbers
    where n < {{ count }}
{%- endmacro %}

{% macro duckdb__number_series(count) -%}
    select cast(range as integer) as n from range({{ count }})
{%- endmacro %}

{#- Made where it is read, on as many machines as it takes. -#}
{% macro spark__number_series(count) -%}
    select cast(id as int) as n from range({{ count }})
{%- endmacro %}
