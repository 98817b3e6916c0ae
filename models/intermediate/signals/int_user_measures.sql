-- One row per user_id, measure, item and measured_on: what the user did that day.
-- A measure is what metrics count: usage, a behaviour, a group of them, a feature.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

known_users as (

    select * from {{ ref('int_users') }}

),

mapped_users as (

    select * from {{ ref('int_users_mapped_to_accounts') }}

),

users as (

    select
        known_users.user_id,
        known_users.created_on,
        mapped_users.account_id
    from known_users
    inner join mapped_users
        on known_users.user_id = mapped_users.user_id

),

user_usage as (

    select
        users.account_id,
        daily_usage.*
    from {{ ref('daily_usage') }} as daily_usage
    inner join users
        on daily_usage.user_id = users.user_id

),

tickets as (

    select * from {{ ref('stg_support_tickets') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

behaviours as (

    select * from {{ ref('behaviours') }}

),

-- What no metric counts is not kept.
counted_behaviours as (

    select behaviours.behaviour
    from behaviours
    inner join metrics
        on {{ dbt.position(
            "'|' || behaviours.behaviour || '|'",
            "'|' || metrics.measures || '|'"
        ) }} > 0
    group by behaviours.behaviour

),

counted_groups as (

    select behaviours.behaviour_group
    from behaviours
    inner join metrics
        on {{ dbt.position(
            "'|group:' || behaviours.behaviour_group || '|'",
            "'|' || metrics.measures || '|'"
        ) }} > 0
    group by behaviours.behaviour_group

),

usage_measures as (

    select
        user_id,
        'usage' as measure,
        cast(null as {{ dbt.type_string() }}) as item,
        activity_date as measured_on,
        {{ total('usage_events') }} as quantity,
        min(first_at) as first_at,
        max(last_at) as last_at
    from user_usage
    where counts_as_usage
    group by user_id, activity_date

),

behaviour_measures as (

    select
        user_id,
        behaviour as measure,
        cast(null as {{ dbt.type_string() }}) as item,
        activity_date as measured_on,
        {{ total('behaviour_events') }} as quantity,
        min(first_at) as first_at,
        max(last_at) as last_at
    from user_usage
    where behaviour in (select counted_behaviours.behaviour from counted_behaviours)
    group by user_id, behaviour, activity_date

),

group_measures as (

    select
        user_id,
        'group:' || behaviour_group as measure,
        cast(null as {{ dbt.type_string() }}) as item,
        activity_date as measured_on,
        {{ total('group_events') }} as quantity,
        min(first_at) as first_at,
        max(last_at) as last_at
    from user_usage
    where
        behaviour_group in (
            select counted_groups.behaviour_group from counted_groups
        )
    group by user_id, behaviour_group, activity_date

),

feature_measures as (

    select
        user_id,
        'feature' as measure,
        feature as item,
        activity_date as measured_on,
        {{ total('event_count') }} as quantity,
        min(first_at) as first_at,
        max(last_at) as last_at
    from user_usage
    where feature is not null
    group by user_id, feature, activity_date

),

premium_feature_measures as (

    select
        user_id,
        'premium_feature' as measure,
        feature as item,
        activity_date as measured_on,
        {{ total('event_count') }} as quantity,
        min(first_at) as first_at,
        max(last_at) as last_at
    from user_usage
    where feature is not null and is_premium
    group by user_id, feature, activity_date

),

integration_measures as (

    select
        user_id,
        'integration' as measure,
        feature as item,
        activity_date as measured_on,
        {{ total('event_count') }} as quantity,
        min(first_at) as first_at,
        max(last_at) as last_at
    from user_usage
    where feature is not null and behaviour = 'integration_connected'
    group by user_id, feature, activity_date

),

ticket_measures as (

    select
        tickets.user_id,
        'ticket:' || lower(tickets.topic) as measure,
        cast(null as {{ dbt.type_string() }}) as item,
        cast(tickets.created_at as date) as measured_on,
        count(*) as quantity,
        min(tickets.created_at) as first_at,
        max(tickets.created_at) as last_at
    from tickets
    cross join as_of
    where
        tickets.topic is not null
        and cast(tickets.created_at as date) <= as_of.as_of_date
    group by
        tickets.user_id, lower(tickets.topic), cast(tickets.created_at as date)

),

all_measures as (

    select * from usage_measures
    union all
    select * from behaviour_measures
    union all
    select * from group_measures
    union all
    select * from feature_measures
    union all
    select * from premium_feature_measures
    union all
    select * from integration_measures
    union all
    select * from ticket_measures

),

-- What happened before somebody signed up counts from the day they exist.
user_measures as (

    select
        all_measures.user_id,
        users.account_id,
        all_measures.measure,
        all_measures.item,
        all_measures.quantity,
        all_measures.measured_on,
        greatest(all_measures.measured_on, users.created_on) as counts_from,
        all_measures.first_at,
        all_measures.last_at
    from all_measures
    inner join users
        on all_measures.user_id = users.user_id

)

select * from user_measures
