{#- Whole days from the first date to the second. -#}
{% macro days_between(first_date, second_date) -%}
    {{ return(adapter.dispatch('days_between', 'pls')(first_date, second_date)) }}
{%- endmacro %}

{#- Of 64 bits everywhere, as the marts promise. -#}
{% macro default__days_between(first_date, second_date) -%}
    cast({{ dbt.datediff(first_date, second_date, 'day') }} as {{ dbt.type_bigint() }})
{%- endmacro %}

{#- dbt.datediff asserts that no date is null, and gives 32 bits where others give 64. -#}
{% macro spark__days_between(first_date, second_date) -%}
    cast(datediff({{ second_date }}, {{ first_date }}) as bigint)
{%- endmacro %}
