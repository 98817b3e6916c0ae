{#- A number from 0 up to, not including, 1 that a text is worth, the same on every engine
    and in Python: the first eight hex digits of its MD5 over 16^8. -#}
{% macro hash_share(text) -%}
    (
        {%- for place in range(8) %}
        ({{ dbt.position(
            'substring(' ~ dbt.hash(text) ~ ', ' ~ (place + 1) ~ ', 1)',
            "'0123456789abcdef'"
        ) }} - 1) * cast({{ 16 ** (7 - place) }} as {{ engine_type('double') }})
        {{- ' +' if not loop.last }}
        {%- endfor %}
    ) / 4294967296
{%- endmacro %}
