-- One row per raw table: where its rows ended.
{%- set tables = {
    'users': ['user_id'],
    'workspaces': ['workspace_id'],
    'companies': ['domain'],
    'subscriptions': ['subscription_id'],
    'usage_meters': ['workspace_id', 'meter', 'measured_on'],
    'crm_accounts': ['crm_account_id'],
    'crm_opportunities': ['opportunity_id'],
    'crm_activities': ['activity_id'],
    'crm_leads': ['lead_id'],
    'support_tickets': ['ticket_id'],
    'nps_responses': ['response_id'],
    'deal_feedback': ['opportunity_id'],
} %}
{%- set tables_of_users = [
    'subscriptions', 'support_tickets', 'nps_responses',
] %}
with

loaded_sources as (

    select * from {{ ref('stg_loaded_sources') }}

),

users as (

    select * from {{ ref('stg_users') }}

),

quarantine as (

    select * from {{ ref('quarantine') }}

),

event_copies as (

    select * from {{ ref('stg_event_copies') }}

),

-- Distinct ids of all events would cost more than everything else here: their copies
-- are known.
event_counts as (

    select
        count(*) as raw_rows,
        count(case when is_dropped then 1 end) as dropped_rows
    from {{ ref('base_events') }}

),

duplicate_events as (

    select count(*) as duplicate_rows
    from event_copies
    where copy_number > 1

),

-- Accepted rows and distinct keys are counted here once more, apart from the staging
-- models: the data test compares the two. The lengths keep the parts of a key apart.
judged_counts as (

    select
        'events' as source_table,
        event_counts.raw_rows,
        event_counts.dropped_rows,
        duplicate_events.duplicate_rows
    from event_counts
    cross join duplicate_events
    {% for table, key in tables.items() %}
    union all
    select
        '{{ table }}' as source_table,
        count(*) as raw_rows,
        count(case when is_dropped then 1 end) as dropped_rows,
        count(case when not is_dropped then 1 end)
        - count(
            distinct case
                when not is_dropped
                    then
                        ''
                        {% for column in key %}
                        || {{ dbt.length(
                            'cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')'
                        ) }}
                        || ':' || cast({{ column }} as {{ dbt.type_string() }})
                        {% endfor %}
            end
        ) as duplicate_rows
    from {{ ref('base_' ~ table) }}
    {% endfor %}

),

-- Events are read once for both.
staged_events as (

    select
        count(*) as staged_rows,
        count(
            case
                when staged_rows.user_id is not null and users.user_id is null then 1
            end
        ) as orphan_rows
    from {{ ref('stg_events') }} as staged_rows
    left join users
        on staged_rows.user_id = users.user_id

),

staged_counts as (

    select
        'events' as source_table,
        staged_rows
    from staged_events
    {% for table in tables %}
    union all
    select
        '{{ table }}' as source_table,
        count(*) as staged_rows
    from {{ ref('stg_' ~ table) }}
    {% endfor %}

),

-- Rows of a user who is not known (yet): kept, but no part of any score.
orphan_counts as (

    select
        'events' as source_table,
        orphan_rows
    from staged_events
    {% for table in tables_of_users %}
    union all
    select
        '{{ table }}' as source_table,
        count(*) as orphan_rows
    from {{ ref('stg_' ~ table) }} as staged_rows
    left join users
        on staged_rows.user_id = users.user_id
    where staged_rows.user_id is not null and users.user_id is null
    {% endfor %}

),

repaired_counts as (

    select
        source_table,
        count(*) as repaired_rows
    from quarantine
    where not is_dropped
    group by source_table

),

source_coverage as (

    select
        judged_counts.source_table,
        judged_counts.raw_rows,
        staged_counts.staged_rows,
        judged_counts.duplicate_rows,
        judged_counts.dropped_rows,
        coalesce(repaired_counts.repaired_rows, 0) as repaired_rows,
        coalesce(orphan_counts.orphan_rows, 0) as orphan_rows,
        coalesce(loaded_sources.is_present, judged_counts.raw_rows > 0) as is_present
    from judged_counts
    inner join staged_counts
        on judged_counts.source_table = staged_counts.source_table
    left join repaired_counts
        on judged_counts.source_table = repaired_counts.source_table
    left join orphan_counts
        on judged_counts.source_table = orphan_counts.source_table
    left join loaded_sources
        on judged_counts.source_table = loaded_sources.source_table

)

select * from source_coverage
