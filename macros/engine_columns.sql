{#- The columns of a model's contract, in brackets, their types in the engine's own words. -#}
{% macro engine_columns() -%}
    {%- set columns = {} -%}
    {%- for name, column in model.columns.items() -%}
        {%- do columns.update(
            {name: dict(column, data_type=engine_type(column.data_type))}
        ) -%}
    {%- endfor -%}
    ({{ adapter.render_raw_columns_constraints(raw_columns=columns) | join(', ') }})
{%- endmacro %}
