-- One row per user_id, measure, item and measured_on: what the user did that day.
-- A thing (an item) may have several rows of a day: it is counted once all the same.
-- A measure is what metrics count: usage, a behaviour, a group of them, a feature. What
-- no metric counts, or none on a day that is scored, is not kept; every day of use is.
{%- set counted_events = {
    'behaviour': {'of': 'user_usage.behaviour', 'quantity': 'behaviour_events'},
    'group': {
        'of': "'group:' || user_usage.behaviour_group", 'quantity': 'group_events',
    },
} %}
{%- set counted_things = {
    'feature': 'user_usage.feature is not null',
    'premium_feature': 'user_usage.feature is not null and user_usage.is_premium',
    'integration': "user_usage.feature is not null"
        ~ " and user_usage.behaviour = 'integration_connected'",
} %}
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

restarts as (

    select * from {{ ref('int_score_restarts') }}

),

user_usage as {{ not_materialized() }} (

    select
        restarts.restart_on,
        daily_usage.*
    from {{ ref('daily_usage') }} as daily_usage
    inner join restarts
        on
            restarts.level = 'user'
            and daily_usage.user_id = restarts.entity_id

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

known_measures as (

    select behaviour as measure from behaviours
    union distinct
    select 'group:' || behaviour_group as measure from behaviours
    union distinct
    select 'feature' as measure from behaviours
    union distinct
    select 'premium_feature' as measure from behaviours
    union distinct
    select 'integration' as measure from behaviours

),

-- The longest time that a metric counts a measure for; null stands for good.
measure_windows as (

    select
        known_measures.measure,
        case
            when count(metrics.until_days) = count(*) then max(metrics.until_days)
        end as until_days
    from known_measures
    inner join metrics
        on {{ dbt.position(
            "'|' || known_measures.measure || '|'",
            "'|' || metrics.measures || '|'"
        ) }} > 0
    group by known_measures.measure

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

{% for name, counted in counted_events.items() -%}
{{ name }}_measures as (

    select
        user_usage.user_id,
        measure_windows.measure,
        cast(null as {{ dbt.type_string() }}) as item,
        user_usage.activity_date as measured_on,
        {{ total('user_usage.' ~ counted.quantity) }} as quantity,
        min(user_usage.first_at) as first_at,
        max(user_usage.last_at) as last_at
    from user_usage
    inner join measure_windows
        on {{ counted.of }} = measure_windows.measure
    where
        measure_windows.until_days is null
        or {{ add_days('user_usage.activity_date', 'measure_windows.until_days') }}
        > user_usage.restart_on
    group by
        user_usage.user_id,
        measure_windows.measure,
        user_usage.activity_date

),

{% endfor -%}
{% for name, condition in counted_things.items() -%}
{{ name }}_measures as (

    select
        user_usage.user_id,
        measure_windows.measure,
        user_usage.feature as item,
        user_usage.activity_date as measured_on,
        user_usage.event_count as quantity,
        user_usage.first_at,
        user_usage.last_at
    from user_usage
    inner join measure_windows
        on measure_windows.measure = '{{ name }}'
    where
        (
            measure_windows.until_days is null
            or {{ add_days('user_usage.activity_date', 'measure_windows.until_days') }}
            > user_usage.restart_on
        )
        and {{ condition }}

),

{% endfor -%}
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
    {% for name in counted_events.keys() | list + counted_things.keys() | list -%}
    select * from {{ name }}_measures
    union all
    {% endfor -%}
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
