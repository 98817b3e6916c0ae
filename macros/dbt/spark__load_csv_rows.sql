{#- dbt-spark binds a session's values as they are: an empty one becomes the text None,
    and a quotation mark ends it. So the values stand in the statement, quoted. -#}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set statements = [] -%}
    {%- for chunk in agate_table.rows | batch(get_batch_size()) -%}
        {%- set insert_rows -%}
            insert into {{ this.render() }} values
            {%- for row in chunk %}
            (
                {%- for value in row -%}
                    {%- set text -%}
                        {%- if value is none -%}
                            null
                        {%- else -%}
                            '{{ escape_single_quotes(value | string) }}'
                        {%- endif -%}
                    {%- endset -%}
                    {{ dbt.cast(text, types[agate_table.column_names[loop.index0]]) }}
                    {{- ', ' if not loop.last -}}
                {%- endfor -%}
            ){{ ',' if not loop.last }}
            {%- endfor -%}
        {%- endset -%}
        {%- do adapter.add_query(insert_rows, abridge_sql_log=True) -%}
        {%- do statements.append(insert_rows) -%}
    {%- endfor -%}
    {{ return(statements[0]) }}
{%- endmacro %}
