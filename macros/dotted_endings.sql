{#- A query of all endings of a column of dotted names (mail.acme.com, acme.com, com),
    each with the ending that is one part longer; null for the whole name. It is the
    recursive CTE whose name is given. -#}
{% macro dotted_endings(relation, column, cte_name) -%}
    {{ return(adapter.dispatch('dotted_endings', 'pls')(relation, column, cte_name)) }}
{%- endmacro %}

{% macro default__dotted_endings(relation, column, cte_name) -%}
    select
        {{ column }},
        {{ column }} as ending,
        cast(null as {{ dbt.type_string() }}) as longer_ending
    from {{ relation }}
    union all
    select
        {{ column }},
        substring(ending, {{ dbt.position("'.'", 'ending') }} + 1) as ending,
        ending as longer_ending
    from {{ cte_name }}
    where {{ dbt.position("'.'", 'ending') }} > 0
{%- endmacro %}

{#- Spark runs a recursion as a job a step, anew for each CTE that reads it; it can count
    the parts of a name and cut it behind any of them. -#}
{% macro spark__dotted_endings(relation, column, cte_name) -%}
    select
        {{ column }},
        substring_index({{ column }}, '.', -part) as ending,
        case
            when part < size(split({{ column }}, '[.]'))
                then substring_index({{ column }}, '.', -part - 1)
        end as longer_ending
    from {{ relation }}
    lateral view explode(sequence(1, size(split({{ column }}, '[.]')))) as part
{%- endmacro %}
