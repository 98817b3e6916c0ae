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

    select
        activity_date,
        day_fingerprint
    from {{ this }}
    group by activity_date, day_fingerprint

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

named_rows as (

    select
        event_name,
        max(case when property is null then 0 else 1 end) as has_patterns
    from catalog_rows
    group by event_name

),

plain_events as {{ not_materialized() }} (

    select
        events.user_id,
        events.workspace_id,
        events.event_name,
        cast(0 as {{ dbt.type_bigint() }}) as matched_rows,
        events.activity_date,
        events.occurred_at
    from {{ ref('int_events_attributed') }} as events
    inner join days_to_build
        on events.activity_date = days_to_build.activity_date
    left join named_rows
        on events.event_name = named_rows.event_name
    where coalesce(named_rows.has_patterns, 0) = 0

),

-- Which rows of the catalog match depends on the name alone for most events. Where it
-- depends on properties, the numbers of the rows that match are added up as powers of
-- two, so that equal sums are equal meanings.
pattern_events as {{ not_materialized() }} (

    select
        max(events.user_id) as user_id,
        max(events.workspace_id) as workspace_id,
        max(events.event_name) as event_name,
        {{ total(
            'case when ' ~ json_value('events.properties', 'catalog_rows.property')
            ~ ' like catalog_rows.pattern then catalog_rows.row_power else 0 end'
        ) }} as matched_rows,
        max(events.activity_date) as activity_date,
        max(events.occurred_at) as occurred_at
    from {{ ref('int_events_attributed') }} as events
    inner join days_to_build
        on events.activity_date = days_to_build.activity_date
    inner join catalog_rows
        on events.event_name = catalog_rows.event_name
    where catalog_rows.property is not null
    group by events.event_id

),

variants as (

    select
        event_name,
        matched_rows
    from plain_events
    group by event_name, matched_rows
    union all
    select
        event_name,
        matched_rows
    from pattern_events
    group by event_name, matched_rows

),

matched_meanings as (

    select
        variants.event_name,
        variants.matched_rows,
        catalog_rows.behaviour,
        catalog_rows.behaviour_group,
        catalog_rows.feature,
        catalog_rows.is_premium,
        catalog_rows.counts_as_usage
    from variants
    inner join catalog_rows
        on variants.event_name = catalog_rows.event_name
    where
        catalog_rows.property is null
        or {{ has_power('variants.matched_rows', 'catalog_rows.row_power') }}
    group by
        variants.event_name,
        variants.matched_rows,
        catalog_rows.behaviour,
        catalog_rows.behaviour_group,
        catalog_rows.feature,
        catalog_rows.is_premium,
        catalog_rows.counts_as_usage

),

-- A meaning that counts as usage comes first, so that it carries the usage event.
numbered_meanings as (

    select
        *,
        row_number() over (
            partition by event_name, matched_rows
            order by counts_as_usage desc, behaviour, feature, is_premium
        ) as meaning_number,
        row_number() over (
            partition by event_name, matched_rows, behaviour
            order by counts_as_usage desc, feature, is_premium
        ) as behaviour_meaning_number,
        row_number() over (
            partition by event_name, matched_rows, behaviour_group
            order by counts_as_usage desc, behaviour, feature, is_premium
        ) as group_meaning_number
    from matched_meanings

),

-- An event that matches no row counts as usage and keeps its name.
meanings as (

    select
        variants.event_name,
        variants.matched_rows,
        numbered_meanings.behaviour,
        numbered_meanings.behaviour_group,
        numbered_meanings.feature,
        case
            when numbered_meanings.event_name is null then variants.event_name
        end as unmapped_event_name,
        case
            when coalesce(numbered_meanings.behaviour_meaning_number, 1) = 1 then 1
        end as counted_behaviour,
        case
            when coalesce(numbered_meanings.group_meaning_number, 1) = 1 then 1
        end as counted_group,
        case
            when
                coalesce(numbered_meanings.meaning_number, 1) = 1
                and coalesce(numbered_meanings.counts_as_usage, true)
                then 1
        end as counted_usage,
        coalesce(numbered_meanings.is_premium, false) as is_premium,
        coalesce(numbered_meanings.counts_as_usage, true) as counts_as_usage
    from variants
    left join numbered_meanings
        on
            variants.event_name = numbered_meanings.event_name
            and variants.matched_rows = numbered_meanings.matched_rows

),

-- Several names may mean the same; a number stands for the meaning while rows are
-- grouped.
numbered_meanings_of_variants as (

    select
        *,
        dense_rank() over (
            order by
                behaviour,
                behaviour_group,
                feature,
                unmapped_event_name,
                is_premium,
                counts_as_usage
        ) as meaning_id
    from meanings

),

distinct_meanings as (

    select
        meaning_id,
        behaviour,
        behaviour_group,
        feature,
        unmapped_event_name,
        is_premium,
        counts_as_usage
    from numbered_meanings_of_variants
    group by
        meaning_id,
        behaviour,
        behaviour_group,
        feature,
        unmapped_event_name,
        is_premium,
        counts_as_usage

),

all_events as (

    select * from plain_events
    union all
    select * from pattern_events

),

grouped_usage as (

    select
        all_events.user_id,
        all_events.workspace_id,
        numbered_meanings_of_variants.meaning_id,
        count(*) as event_count,
        count(numbered_meanings_of_variants.counted_behaviour) as behaviour_events,
        count(numbered_meanings_of_variants.counted_group) as group_events,
        count(numbered_meanings_of_variants.counted_usage) as usage_events,
        all_events.activity_date,
        min(all_events.occurred_at) as first_at,
        max(all_events.occurred_at) as last_at
    from all_events
    inner join numbered_meanings_of_variants
        on
            all_events.event_name = numbered_meanings_of_variants.event_name
            and all_events.matched_rows = numbered_meanings_of_variants.matched_rows
    group by
        all_events.activity_date,
        all_events.user_id,
        all_events.workspace_id,
        numbered_meanings_of_variants.meaning_id

),

daily_usage as (

    select
        grouped_usage.user_id,
        grouped_usage.workspace_id,
        distinct_meanings.behaviour,
        distinct_meanings.behaviour_group,
        distinct_meanings.feature,
        distinct_meanings.unmapped_event_name,
        grouped_usage.event_count,
        grouped_usage.behaviour_events,
        grouped_usage.group_events,
        grouped_usage.usage_events,
        days_to_build.fingerprint as day_fingerprint,
        distinct_meanings.is_premium,
        distinct_meanings.counts_as_usage,
        grouped_usage.activity_date,
        grouped_usage.first_at,
        grouped_usage.last_at
    from grouped_usage
    inner join distinct_meanings
        on grouped_usage.meaning_id = distinct_meanings.meaning_id
    inner join days_to_build
        on grouped_usage.activity_date = days_to_build.activity_date

)

select * from daily_usage
