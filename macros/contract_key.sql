{#- The key of a cast raw row as text, as it was sent. -#}
{% macro contract_key(table) -%}
    {%- for column in raw_contract(table).config.meta.key -%}
        coalesce({{ clean_text('raw_' ~ column) }}, ''){{ " || '|' || " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
