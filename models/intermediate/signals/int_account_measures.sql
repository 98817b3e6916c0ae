-- One row per account_id, measure, item and measured_on: what its users did that day.
-- A thing (an item) may have several rows of a day: it is counted once all the same.
with

known_users as (

    select * from {{ ref('int_users') }}

),

mapped_users as (

    select * from {{ ref('int_users_mapped_to_accounts') }}

),

users as (

    select
        known_users.*,
        mapped_users.account_id
    from known_users
    inner join mapped_users
        on known_users.user_id = mapped_users.user_id

),

user_measures as {{ not_materialized() }} (

    select * from {{ ref('int_user_measures') }}

),

user_workspaces as (

    select * from {{ ref('int_user_workspaces') }}

),

metrics as (

    select * from {{ ref('metrics') }}
    where level = 'account'

),

user_level_measures as (

    select measure
    from user_measures
    group by measure

),

-- What no metric of accounts counts is not kept.
counted_measures as (

    select user_level_measures.measure
    from user_level_measures
    inner join metrics
        on {{ dbt.position(
            "'|' || user_level_measures.measure || '|'",
            "'|' || metrics.measures || '|'"
        ) }} > 0
    group by user_level_measures.measure

),

shared_measures as {{ not_materialized() }} (

    select
        account_id,
        measure,
        item,
        quantity,
        measured_on,
        counts_from,
        first_at,
        last_at
    from user_measures
    where measure in (select counted_measures.measure from counted_measures)

),

-- The people behind the usage: users, departments and countries are items to count.
people_measures as (

    {% for measure, item in {
        'active_user': 'user_measures.user_id',
        'department': 'users.department',
        'country': 'users.country',
    }.items() -%}
    select
        user_measures.account_id,
        '{{ measure }}' as measure,
        {{ item }} as item,
        user_measures.quantity,
        user_measures.measured_on,
        user_measures.counts_from,
        user_measures.first_at,
        user_measures.last_at
    from user_measures
    {% if measure != 'active_user' -%}
    inner join users
        on user_measures.user_id = users.user_id
    {% endif -%}
    where user_measures.measure = 'usage' and {{ item }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

signup_measures as (

    select
        account_id,
        'user' as measure,
        cast(null as {{ dbt.type_string() }}) as item,
        1 as quantity,
        created_on as measured_on,
        created_on as counts_from,
        created_at as first_at,
        created_at as last_at
    from users
    union all
    select
        account_id,
        'executive' as measure,
        cast(null as {{ dbt.type_string() }}) as item,
        1 as quantity,
        created_on as measured_on,
        created_on as counts_from,
        created_at as first_at,
        created_at as last_at
    from users
    where seniority = 'executive'

),

workspace_measures as (

    select
        users.account_id,
        'workspace' as measure,
        user_workspaces.workspace_id as item,
        user_workspaces.usage_events as quantity,
        user_workspaces.first_used_on as measured_on,
        greatest(user_workspaces.first_used_on, users.created_on) as counts_from,
        user_workspaces.first_used_at as first_at,
        user_workspaces.last_used_at as last_at
    from user_workspaces
    inner join users
        on user_workspaces.user_id = users.user_id
    where user_workspaces.first_used_on is not null

),

counted_events as (

    select * from shared_measures
    where item is null
    union all
    select * from signup_measures

),

-- counts_from is kept apart: a user who signs up later adds what was done from then on.
event_measures as (

    select
        account_id,
        measure,
        item,
        {{ total('quantity') }} as quantity,
        measured_on,
        counts_from,
        min(first_at) as first_at,
        max(last_at) as last_at
    from counted_events
    group by account_id, measure, item, measured_on, counts_from

),

account_measures as (

    select * from event_measures
    union all
    select * from shared_measures
    where item is not null
    union all
    select * from people_measures
    union all
    select * from workspace_measures

)

select * from account_measures
