{#- A query of a relation's metrics, one row each: the other columns, then metric and
    metric_value. Null values have no row. -#}
{% macro unpivot_metrics(relation, columns, metrics) -%}
    {{ return(adapter.dispatch('unpivot_metrics', 'pls')(relation, columns, metrics)) }}
{%- endmacro %}

{% macro default__unpivot_metrics(relation, columns, metrics) -%}
    {% for metric in metrics %}
    select
        {% for column in columns %}{{ column }}, {% endfor %}
        '{{ metric }}' as metric,
        cast({{ metric }} as {{ engine_type('double') }}) as metric_value
    from {{ relation }}
    where {{ metric }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}

{#- One pass over the relation instead of one for each metric. -#}
{% macro duckdb__unpivot_metrics(relation, columns, metrics) -%}
    select
        {% for column in columns %}{{ column }}, {% endfor %}
        metric,
        metric_value
    from (
        select
            {% for column in columns %}{{ column }}, {% endfor %}
            {% for metric in metrics %}
            cast({{ metric }} as {{ engine_type('double') }}) as {{ metric }}
            {{- ',' if not loop.last }}
            {% endfor %}
        from {{ relation }}
    )
    unpivot (metric_value for metric in ({{ metrics | join(', ') }}))
{%- endmacro %}

{#- One pass, too; names of columns become values in capitals. -#}
{% macro snowflake__unpivot_metrics(relation, columns, metrics) -%}
    select
        {% for column in columns %}{{ column }}, {% endfor %}
        lower(metric) as metric,
        metric_value
    from ({{ duckdb__unpivot_metrics(relation, columns, metrics) }}) as unpivoted
{%- endmacro %}

{#- One pass, which here is also the bill: it is for columns read, each time. -#}
{% macro bigquery__unpivot_metrics(relation, columns, metrics) -%}
    {{ duckdb__unpivot_metrics(relation, columns, metrics) }}
{%- endmacro %}

{#- One pass, as on DuckDB. -#}
{% macro redshift__unpivot_metrics(relation, columns, metrics) -%}
    {{ duckdb__unpivot_metrics(relation, columns, metrics) }}
{%- endmacro %}

{#- One pass, as on DuckDB; here the words come after the relation's brackets. -#}
{% macro spark__unpivot_metrics(relation, columns, metrics) -%}
    select
        {% for column in columns %}{{ column }}, {% endfor %}
        metric,
        metric_value
    from (
        select
            {% for column in columns %}{{ column }}, {% endfor %}
            {% for metric in metrics %}
            cast({{ metric }} as double) as {{ metric }}{{ ',' if not loop.last }}
            {% endfor %}
        from {{ relation }}
    )
    unpivot (metric_value for metric in ({{ metrics | join(', ') }}))
{%- endmacro %}
