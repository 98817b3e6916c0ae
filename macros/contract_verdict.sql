{#- What is wrong with a cast raw row: null, or `dropped|reason|column` where the row
    cannot be used, or `kept|reason|column` where only an optional value is lost. The
    first problem speaks for the row, the ones that drop it before the others. Raw
    values are looked at only where the cast gave null, which is rare. -#}
{% macro contract_verdict(table) -%}
    case
        {%- for problem in contract_fatal_problems(table) %}
        when {{ problem.condition }}
            then 'dropped|' || {{ problem.reason }} || '|{{ problem.column }}'
        {%- endfor %}
        {%- for column in raw_contract(table).columns.values()
            if not column.config.meta.required
            and (column.data_type != 'text' or column.config.meta.format) %}
        when {{ column.name }} is null and {{ clean_text('raw_' ~ column.name) }} is not null
            then 'kept|' || {{ contract_reason(column) }} || '|{{ column.name }}'
        {%- endfor %}
    end
{%- endmacro %}
