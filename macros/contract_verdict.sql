{#- What is wrong with a raw row: null, or `dropped|reason|column` where the row cannot
    be used, or `kept|reason|column` where only an optional value is lost. The first
    problem speaks for the row, the ones that drop it before the others.

    `no_actor` holds for a table with an anonymous_id: somebody must have done it. -#}
{% macro contract_verdict(table) -%}
    {%- set columns = raw_contract(table).columns -%}
    case
        {%- for is_required in (true, false) %}
        {%- for column in columns.values()
            if (column.config.meta.required or false) == is_required %}
        {%- set meta = column.config.meta %}
        {%- set text = clean_text(column.name) %}
        {%- set fate = 'dropped' if is_required else 'kept' %}
        {%- if is_required %}
        when {{ text }} is null then 'dropped|missing_required|{{ column.name }}'
        {%- endif %}
        {%- if column.data_type != 'text' or meta.format %}
        when {{ contract_value(column) }} is null and {{ text }} is not null
            then '{{ fate }}|' || {{ contract_reason(column) }} || '|{{ column.name }}'
        {%- endif %}
        {%- endfor %}
        {%- if is_required %}
        {%- if 'anonymous_id' in columns %}
        when {{ clean_text('user_id') }} is null and {{ clean_text('anonymous_id') }} is null
            then 'dropped|no_actor|user_id'
        {%- endif %}
        {%- for column in columns.values() if column.config.meta.not_before %}
        when {{ contract_value(column) }} < {{ contract_value(columns[column.config.meta.not_before]) }}
            then 'dropped|ends_before_start|{{ column.name }}'
        {%- endfor %}
        {%- endif %}
        {%- endfor %}
    end
{%- endmacro %}
