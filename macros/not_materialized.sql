{#- Stands between the `as` and the bracket of a query that is named once and read several
    times: each reader reads anew, and only the columns it needs. Where nothing is said,
    an engine may write the rows down first, all columns of them, and these do not fit
    into memory where they are many. Of no use in a view: DuckDB keeps its query without
    the word, so a view names a relation where it is read, each time. -#}
{% macro not_materialized() -%}
    {{ return(adapter.dispatch('not_materialized', 'pls')()) }}
{%- endmacro %}

{#- Spark, Databricks, BigQuery and Snowflake know no such word, and put the query in
    where it is read. -#}
{% macro default__not_materialized() -%}
{%- endmacro %}

{% macro duckdb__not_materialized() -%}
    not materialized
{%- endmacro %}

{% macro postgres__not_materialized() -%}
    not materialized
{%- endmacro %}

{#- It is Postgres to dbt, but takes the word for an error. -#}
{% macro redshift__not_materialized() -%}
{%- endmacro %}
