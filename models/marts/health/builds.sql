-- One row per build_id: what each build was made of.
{{
    config(
        full_refresh=false,
        on_schema_change='append_new_columns',
        **added_rows('build_id')
    )
}}

{%- set git_commit = var('git_commit') or env_var('PLS_GIT_COMMIT', '') %}
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

score_model_version as (

    select * from {{ ref('int_score_model_version') }}

),

source_coverage as (

    select * from {{ ref('source_coverage') }}

),

row_counts as (

    select
        {% for table in [
            'events', 'users', 'workspaces', 'companies', 'subscriptions',
            'usage_meters', 'crm_accounts', 'crm_opportunities', 'crm_activities',
            'crm_leads', 'support_tickets', 'nps_responses', 'deal_feedback',
        ] %}
        {{ total(
            "case when source_table = '" ~ table ~ "' then raw_rows else 0 end"
        ) }} as raw_{{ table }},
        {% endfor %}
        {{ total('raw_rows') }} as raw_rows
    from source_coverage

),

builds as (

    select
        '{{ invocation_id }}' as build_id,
        '{{ var("active_score_model") }}' as active_score_model,
        score_model_version.score_model_version,
        nullif('{{ git_commit }}', '') as git_commit,
        '{{ dbt_version }}' as dbt_version,
        row_counts.*,
        as_of.as_of_date,
        {{ build_clock() }} as built_at
    from as_of
    cross join score_model_version
    cross join row_counts

)

select * from builds
