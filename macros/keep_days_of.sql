{#- The hook of a model of rewritten days that removes those another relation lacks. -#}
{% macro keep_days_of(relation, column) -%}
    {{ return(adapter.dispatch('keep_days_of', 'pls')(relation, column)) }}
{%- endmacro %}

{% macro default__keep_days_of(relation, column) -%}
    delete from {{ this }}
    where {{ column }} not in (select {{ column }} from {{ relation }})
{%- endmacro %}

{#- Files cannot lose rows, but a table can lose the folder of a day. -#}
{% macro spark__keep_days_of(relation, column) -%}
    {%- if execute -%}
        {%- set days = run_query(
            'select distinct ' ~ column ~ ' from ' ~ this ~ ' where ' ~ column
            ~ ' not in (select ' ~ column ~ ' from ' ~ relation ~ ')'
        ).columns[0].values() -%}
        {%- if days -%}
            alter table {{ this }} drop if exists
            {%- for day in days %}
            partition ({{ column }} = '{{ day }}'){{ ',' if not loop.last }}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
