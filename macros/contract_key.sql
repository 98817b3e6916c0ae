{#- The key of a raw row as text, as it was sent. -#}
{% macro contract_key(table) -%}
    {%- for column in raw_contract(table).config.meta.key -%}
        coalesce({{ clean_text(column) }}, ''){{ " || '|' || " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
