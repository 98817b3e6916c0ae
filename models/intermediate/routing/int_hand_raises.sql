-- One row per user_id, metric and day on which the user asked for a person.
-- What counts as asking are the measures of two metrics; it counts as long as there.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

metrics as (

    select * from {{ ref('metrics') }}
    where
        level = 'user'
        and metric in ('enterprise_requests_90d', 'billing_contacts_90d')

),

known_users as (

    select * from {{ ref('int_users') }}

),

mapped_users as (

    select * from {{ ref('int_users_mapped_to_accounts') }}
    where not is_internal

),

daily_usage as {{ not_materialized() }} (

    select * from {{ ref('daily_usage') }}

),

tickets as (

    select * from {{ ref('stg_support_tickets') }}

),

asks as {{ not_materialized() }} (

    select
        user_id,
        behaviour as measure,
        activity_date as asked_on,
        behaviour_events as times
    from daily_usage
    where behaviour is not null and user_id is not null
    union all
    select
        user_id,
        'group:' || behaviour_group as measure,
        activity_date as asked_on,
        group_events as times
    from daily_usage
    where behaviour_group is not null and user_id is not null
    union all
    select
        user_id,
        'ticket:' || topic as measure,
        cast(created_at as date) as asked_on,
        1 as times
    from tickets
    where topic is not null and user_id is not null

),

measures as (

    select measure
    from asks
    group by measure

),

measures_of_metrics as (

    select
        measures.measure,
        metrics.metric,
        metrics.until_days
    from measures
    inner join metrics
        on {{ dbt.position(
            "'|' || measures.measure || '|'",
            "'|' || metrics.measures || '|'"
        ) }} > 0

),

-- What somebody did before signing up counts from then on.
hand_raises as (

    select
        asks.user_id,
        mapped_users.account_id,
        measures_of_metrics.metric,
        {{ total('asks.times') }} as times,
        greatest(asks.asked_on, known_users.created_on) as raised_on,
        max(
            {{ add_days('asks.asked_on', 'measures_of_metrics.until_days') }}
        ) as counts_until
    from asks
    cross join as_of
    inner join measures_of_metrics
        on asks.measure = measures_of_metrics.measure
    inner join known_users
        on asks.user_id = known_users.user_id
    inner join mapped_users
        on asks.user_id = mapped_users.user_id
    where
        asks.asked_on <= as_of.as_of_date
        and {{ add_days('asks.asked_on', 'measures_of_metrics.until_days') }}
        > known_users.created_on
    group by
        asks.user_id,
        mapped_users.account_id,
        measures_of_metrics.metric,
        greatest(asks.asked_on, known_users.created_on)

)

select * from hand_raises
