{#- A query of the active model's scores as the last build gave them, with the version of
    the model; without rows when there was none. Marts are replaced one by one: whoever
    reads this must come before pql_scores and pqa_scores. -#}
{% macro scores_before() -%}
    {%- set user_scores = built_before('pql_scores') -%}
    {%- set account_scores = built_before('pqa_scores') -%}
    {%- set builds = built_before('builds') -%}
    {%- if user_scores and account_scores and builds -%}
    select
        scores.*,
        last_build.score_model_version
    from (
        select
            'user' as level,
            user_id as entity_id,
            account_id,
            score_model,
            grade as label,
            score,
            as_of_date
        from {{ user_scores }}
        union all
        select
            'account' as level,
            account_id as entity_id,
            account_id,
            score_model,
            tier_name as label,
            score,
            as_of_date
        from {{ account_scores }}
    ) as scores
    inner join (
        select
            score_model_version,
            active_score_model,
            as_of_date,
            row_number() over (order by built_at desc, build_id) as build_rank
        from {{ builds }}
        where build_id != '{{ invocation_id }}'
    ) as last_build
        on
            scores.score_model = last_build.active_score_model
            and scores.as_of_date = last_build.as_of_date
    where last_build.build_rank = 1
    {%- else -%}
    select
        {% for column in ['level', 'entity_id', 'account_id', 'score_model', 'label'] %}
        cast(null as {{ dbt.type_string() }}) as {{ column }},
        {% endfor %}
        cast(null as {{ dbt.type_bigint() }}) as score,
        cast(null as date) as as_of_date,
        cast(null as {{ dbt.type_string() }}) as score_model_version
    from {{ ref('int_as_of_date') }}
    where 1 = 0
    {%- endif -%}
{%- endmacro %}
