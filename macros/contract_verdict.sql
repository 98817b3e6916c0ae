{#- What is wrong with a cast raw row: null, or `dropped|reason|column` where the row
    cannot be used, or `kept|reason|column` where only an optional value is lost. The
    first problem speaks for the row, the ones that drop it before the others. Raw
    values are looked at only where the cast gave null, which is rare.

    `no_actor` holds for a table with an anonymous_id: somebody must have done it. -#}
{% macro contract_verdict(table) -%}
    {%- set columns = raw_contract(table).columns.values() | list -%}
    case
        {%- for column in columns if column.config.meta.required %}
        when {{ column.name }} is null
            then 'dropped|' || {{ contract_reason(column) }} || '|{{ column.name }}'
        {%- endfor %}
        {%- if columns | selectattr('name', 'equalto', 'anonymous_id') | list %}
        when user_id is null and anonymous_id is null then 'dropped|no_actor|user_id'
        {%- endif %}
        {%- for column in columns if column.config.meta.not_before %}
        when {{ column.name }} < {{ column.config.meta.not_before }}
            then 'dropped|ends_before_start|{{ column.name }}'
        {%- endfor %}
        {%- for column in columns
            if not column.config.meta.required
            and (column.data_type != 'text' or column.config.meta.format) %}
        when {{ column.name }} is null and {{ clean_text('raw_' ~ column.name) }} is not null
            then 'kept|' || {{ contract_reason(column) }} || '|{{ column.name }}'
        {%- endfor %}
    end
{%- endmacro %}
