{#- A text in the wanted type, or null where the engine cannot read it. -#}
{% macro text_as(text, data_type) -%}
    {{ return(adapter.dispatch('text_as', 'pls')(text, data_type)) }}
{%- endmacro %}

{#- The standard has no cast that forgives; most engines have this one. -#}
{% macro default__text_as(text, data_type) -%}
    try_cast({{ text }} as {{ engine_type(data_type) }})
{%- endmacro %}

{#- The same under another name. -#}
{% macro bigquery__text_as(text, data_type) -%}
    safe_cast({{ text }} as {{ engine_type(data_type) }})
{%- endmacro %}

{#- There is none; since version 16 one may ask before casting. -#}
{% macro postgres__text_as(text, data_type) -%}
    case
        when pg_input_is_valid({{ text }}, '{{ engine_type(data_type) }}')
            then cast({{ text }} as {{ engine_type(data_type) }})
    end
{%- endmacro %}

{#- Not what PostgreSQL has: try_cast(), which Redshift got on its own. -#}
{% macro redshift__text_as(text, data_type) -%}
    {{ default__text_as(text, data_type) }}
{%- endmacro %}
