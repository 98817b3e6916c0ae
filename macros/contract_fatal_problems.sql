{#- What makes a cast raw row unusable, in the order it is told: conditions with the
    reason (SQL) and the column they are about.

    `no_actor` holds for a table with an anonymous_id: somebody must have done it. -#}
{% macro contract_fatal_problems(table) -%}
    {%- set columns = raw_contract(table).columns.values() | list -%}
    {%- set problems = [] -%}
    {%- for column in columns if column.config.meta.required -%}
        {%- do problems.append({
            'condition': column.name ~ ' is null',
            'reason': contract_reason(column),
            'column': column.name,
        }) -%}
    {%- endfor -%}
    {%- if columns | selectattr('name', 'equalto', 'anonymous_id') | list -%}
        {%- do problems.append({
            'condition': '(user_id is null and anonymous_id is null)',
            'reason': "'no_actor'",
            'column': 'user_id',
        }) -%}
    {%- endif -%}
    {%- for column in columns if column.config.meta.not_before -%}
        {%- do problems.append({
            'condition': 'coalesce(' ~ column.name ~ ' < ' ~ column.config.meta.not_before
                ~ ', false)',
            'reason': "'ends_before_start'",
            'column': column.name,
        }) -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}
