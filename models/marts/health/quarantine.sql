-- One row per raw row that was dropped, or kept with an optional value lost.
{%- set tables = [
    'users', 'workspaces', 'companies', 'subscriptions', 'usage_meters',
    'crm_accounts', 'crm_opportunities', 'crm_activities', 'crm_leads',
    'support_tickets', 'nps_responses', 'deal_feedback',
] %}
with

event_rows as (

    select
        row_key,
        verdict,
        raw_row,
        is_dropped,
        event_id,
        event_name,
        occurred_at,
        received_at,
        user_id,
        anonymous_id,
        workspace_id,
        properties
    from {{ ref('base_events') }}
    where verdict is not null

),

kept_copies as (

    select * from {{ ref('stg_event_copies') }}
    where copy_number = 1

),

-- A copy that was not the one kept is a duplicate and speaks for nothing. Of equal
-- copies one speaks.
judged_events as (

    select
        event_rows.row_key,
        event_rows.verdict,
        event_rows.raw_row,
        event_rows.is_dropped,
        row_number() over (
            partition by event_rows.is_dropped, event_rows.event_id
            order by event_rows.raw_row
        ) as copy_number
    from event_rows
    left join kept_copies
        on event_rows.event_id = kept_copies.event_id
    where
        event_rows.is_dropped
        or kept_copies.event_id is null
        or (
            event_rows.event_name = kept_copies.event_name
            and event_rows.occurred_at = kept_copies.occurred_at
            and event_rows.received_at = kept_copies.received_at
            and coalesce(event_rows.user_id, '') = coalesce(kept_copies.user_id, '')
            and coalesce(event_rows.anonymous_id, '')
            = coalesce(kept_copies.anonymous_id, '')
            and coalesce(event_rows.workspace_id, '')
            = coalesce(kept_copies.workspace_id, '')
            and coalesce(event_rows.properties, '')
            = coalesce(kept_copies.properties, '')
        )

),

judged_rows as (

    select
        'events' as source_table,
        row_key,
        verdict,
        raw_row,
        is_dropped
    from judged_events
    where is_dropped or copy_number = 1
    {% for table in tables %}
    union all
    select
        '{{ table }}' as source_table,
        row_key,
        verdict,
        raw_row,
        is_dropped
    from {{ ref('base_' ~ table) }}
    where verdict is not null and (is_dropped or copy_number = 1)
    {% endfor %}

),

quarantine as (

    select
        source_table,
        row_key,
        {{ dbt.split_part('verdict', "'|'", 2) }} as reason,
        {{ dbt.split_part('verdict', "'|'", 3) }} as column_name,
        raw_row,
        is_dropped
    from judged_rows

)

select * from quarantine
