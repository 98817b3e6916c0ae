-- One row per activity_date, user_id, workspace_id and meaning (or unmapped event).
-- An event with several meanings stands in several rows: event_count counts it in each,
-- behaviour_events once per behaviour, group_events once per group of behaviours,
-- usage_events once in all.
{{
    config(
        on_schema_change='fail',
        post_hook="{{ keep_days_of(ref('int_usage_days'), 'activity_date') }}",
        **rewritten_days('activity_date')
    )
}}

with

usage_days as (

    select * from {{ ref('int_usage_days') }}

),

{% if is_incremental() %}
-- Late rows, new identifications and a changed catalog all change the fingerprint of
-- the days they touch, however long ago; all other days stay as they are.
built_days as (

    select distinct
        activity_date,
        day_fingerprint
    from {{ this }}

),

days_to_build as (

    select
        usage_days.activity_date,
        usage_days.fingerprint
    from usage_days
    left join built_days
        on
            usage_days.activity_date = built_days.activity_date
            and usage_days.fingerprint = built_days.day_fingerprint
    where built_days.activity_date is null

),
{% else %}
days_to_build as (

    select
        activity_date,
        fingerprint
    from usage_days

),
{% endif %}

catalog_rows as (

    select * from {{ ref('int_event_catalog') }}

),

events as (

    select
        attributed_events.*,
        days_to_build.fingerprint as day_fingerprint
    from {{ ref('int_events_attributed') }} as attributed_events
    inner join days_to_build
        on attributed_events.activity_date = days_to_build.activity_date

),

-- Joined by name alone, so that the engine can hash; patterns are looked at after.
named_events as (

    select
        events.*,
        catalog_rows.behaviour,
        catalog_rows.behaviour_group,
        catalog_rows.feature,
        catalog_rows.is_premium,
        catalog_rows.counts_as_usage,
        catalog_rows.rows_of_event,
        coalesce(
            catalog_rows.event_name is not null
            and (
                catalog_rows.property is null
                or {{ json_value('events.properties', 'catalog_rows.property') }}
                like catalog_rows.pattern
            ),
            false
        ) as is_match
    from events
    left join catalog_rows
        on events.event_name = catalog_rows.event_name

),

-- Most events have one row in the catalog at most: nothing to number. An event that
-- matches no row counts as usage and keeps its name.
single_meanings as (

    select
        event_id,
        user_id,
        workspace_id,
        case when is_match then behaviour end as behaviour,
        case when is_match then behaviour_group end as behaviour_group,
        case when is_match then feature end as feature,
        is_match and is_premium as is_premium,
        not is_match or counts_as_usage as counts_as_usage,
        case when not is_match then event_name end as unmapped_event_name,
        activity_date,
        occurred_at,
        day_fingerprint,
        1 as meaning_number,
        1 as behaviour_meaning_number,
        1 as group_meaning_number
    from named_events
    where rows_of_event is null or rows_of_event = 1

),

unmatched_events as (

    select
        event_id,
        user_id,
        workspace_id,
        event_name,
        activity_date,
        occurred_at,
        day_fingerprint
    from named_events
    where rows_of_event > 1
    group by
        event_id,
        user_id,
        workspace_id,
        event_name,
        activity_date,
        occurred_at,
        day_fingerprint
    having max(case when is_match then 1 else 0 end) = 0

),

unmatched_meanings as (

    select
        event_id,
        user_id,
        workspace_id,
        cast(null as {{ dbt.type_string() }}) as behaviour,
        cast(null as {{ dbt.type_string() }}) as behaviour_group,
        cast(null as {{ dbt.type_string() }}) as feature,
        false as is_premium,
        true as counts_as_usage,
        event_name as unmapped_event_name,
        activity_date,
        occurred_at,
        day_fingerprint,
        1 as meaning_number,
        1 as behaviour_meaning_number,
        1 as group_meaning_number
    from unmatched_events

),

distinct_meanings as (

    select
        event_id,
        user_id,
        workspace_id,
        behaviour,
        behaviour_group,
        feature,
        is_premium,
        counts_as_usage,
        cast(null as {{ dbt.type_string() }}) as unmapped_event_name,
        activity_date,
        occurred_at,
        day_fingerprint
    from named_events
    where rows_of_event > 1 and is_match
    group by
        event_id,
        user_id,
        workspace_id,
        behaviour,
        behaviour_group,
        feature,
        is_premium,
        counts_as_usage,
        activity_date,
        occurred_at,
        day_fingerprint

),

-- A meaning that counts as usage comes first, so that it carries the usage event.
numbered_meanings as (

    select
        *,
        row_number() over (
            partition by event_id
            order by counts_as_usage desc, behaviour, feature, is_premium
        ) as meaning_number,
        row_number() over (
            partition by event_id, behaviour
            order by counts_as_usage desc, feature, is_premium
        ) as behaviour_meaning_number,
        row_number() over (
            partition by event_id, behaviour_group
            order by counts_as_usage desc, behaviour, feature, is_premium
        ) as group_meaning_number
    from distinct_meanings

),

meanings as (

    select * from single_meanings
    union all
    select * from unmatched_meanings
    union all
    select * from numbered_meanings

),

daily_usage as (

    select
        user_id,
        workspace_id,
        behaviour,
        behaviour_group,
        feature,
        unmapped_event_name,
        count(*) as event_count,
        count(
            case when behaviour_meaning_number = 1 then 1 end
        ) as behaviour_events,
        count(
            case when group_meaning_number = 1 then 1 end
        ) as group_events,
        count(
            case when meaning_number = 1 and counts_as_usage then 1 end
        ) as usage_events,
        day_fingerprint,
        is_premium,
        counts_as_usage,
        activity_date,
        min(occurred_at) as first_at,
        max(occurred_at) as last_at
    from meanings
    group by
        activity_date,
        user_id,
        workspace_id,
        behaviour,
        behaviour_group,
        feature,
        is_premium,
        counts_as_usage,
        unmapped_event_name,
        day_fingerprint

)

select * from daily_usage
