{#- The config of an incremental model that adds rows of keys it never had. -#}
{% macro added_rows(key) -%}
    {{ return(adapter.dispatch('added_rows', 'pls')(key)) }}
{%- endmacro %}

{#- Told the key, so that a run repeated after a failure adds nothing twice. -#}
{% macro default__added_rows(key) -%}
    {{ return(default__rewritten_rows(key)) }}
{%- endmacro %}

{#- It deletes nothing on its own, but merges by a key that names one row. -#}
{% macro bigquery__added_rows(key) -%}
    {{ return(bigquery__rewritten_rows(key)) }}
{%- endmacro %}

{#- Parquet files cannot lose rows; they can gain some. -#}
{% macro spark__added_rows(key) -%}
    {{ return({'materialized': 'incremental', 'incremental_strategy': 'append'}) }}
{%- endmacro %}
