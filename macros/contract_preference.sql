{#- Which of several rows with one key stays comes first: the latest (events: the
    earliest received), ties by the row's text, so that the order of files never
    decides. -#}
{% macro contract_preference(table) -%}
    {%- set source = raw_contract(table) -%}
    {%- set meta = source.config.meta -%}
    {%- if meta.earliest_by %}{{ meta.earliest_by }},{% endif -%}
    {%- if meta.latest_by %}{{ meta.latest_by }} desc nulls last,{% endif -%}
    {%- for column in source.columns.values() %}
        {%- if column.data_type == 'boolean' %}
        coalesce({{ dbt.cast_bool_to_text(column.name) }}, '')
        {%- else %}
        coalesce(cast({{ column.name }} as {{ dbt.type_string() }}), '')
        {%- endif %}
        {{- ',' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
