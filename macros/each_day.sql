{#- A query of a relation's rows, one for each day from their as_of_date until their
    valid_until: the columns, then as_of_date. -#}
{% macro each_day(relation, columns) -%}
    {{ return(adapter.dispatch('each_day', 'pls')(relation, columns)) }}
{%- endmacro %}

{% macro default__each_day(relation, columns) -%}
    select
        {% for column in columns %}{{ relation }}.{{ column }}, {% endfor %}
        {{ add_days(relation ~ '.as_of_date', 'days_ahead.n') }} as as_of_date
    from {{ relation }}
    inner join ({{ number_series(history_days()) }}) as days_ahead
        on {{ add_days(relation ~ '.as_of_date', 'days_ahead.n') }} <= {{ relation }}.valid_until
{%- endmacro %}

{#- A list is unfolded in one pass; a join by inequality is not. -#}
{% macro duckdb__each_day(relation, columns) -%}
    select
        {% for column in columns %}{{ column }}, {% endfor %}
        as_of_date + cast(
            unnest(range(valid_until - as_of_date + 1)) as integer
        ) as as_of_date
    from {{ relation }}
{%- endmacro %}

{#- As on DuckDB. -#}
{% macro spark__each_day(relation, columns) -%}
    select
        {% for column in columns %}{{ column }}, {% endfor %}
        explode(sequence(as_of_date, valid_until)) as as_of_date
    from {{ relation }}
{%- endmacro %}
