-- One row per build_id: what each build was made of.
{{
    config(
        full_refresh=false,
        on_schema_change='append_new_columns',
        **added_rows('build_id')
    )
}}

with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

signals as (

    select * from {{ ref('signals') }}

),

source_coverage as (

    select * from {{ ref('source_coverage') }}

),

score_model_versions as (

    select
        sum({{ row_fingerprint([
            'signal_id', 'level', 'category', 'metric', 'min_value', 'max_value',
            'points', 'ladder',
        ]) }}) as fingerprint
    from signals
    where score_model = '{{ var("active_score_model") }}'

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
        cast(
            score_model_versions.fingerprint as {{ dbt.type_string() }}
        ) as score_model_version,
        nullif('{{ var("git_commit") }}', '') as git_commit,
        '{{ dbt_version }}' as dbt_version,
        row_counts.*,
        as_of.as_of_date,
        {{ build_clock() }} as built_at
    from as_of
    cross join score_model_versions
    cross join row_counts

)

select * from builds
