-- One row per account_id, measure, item and measured_on: what its users did that day.
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

user_measures as (

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

shared_measures as (

    select
        account_id,
        measure,
        item,
        measured_on,
        quantity,
        counts_from,
        first_at,
        last_at
    from user_measures
    where measure in (select counted_measures.measure from counted_measures)

),

-- The people behind the usage: users, departments and countries are items to count.
active_people as (

    select
        user_measures.account_id,
        user_measures.user_id,
        users.department,
        users.country,
        user_measures.measured_on,
        user_measures.quantity,
        user_measures.counts_from,
        user_measures.first_at,
        user_measures.last_at
    from user_measures
    inner join users
        on user_measures.user_id = users.user_id
    where user_measures.measure = 'usage'

),

people_measures as (

    select
        account_id,
        'active_user' as measure,
        user_id as item,
        measured_on,
        quantity,
        counts_from,
        first_at,
        last_at
    from active_people
    union all
    select
        account_id,
        'department' as measure,
        department as item,
        measured_on,
        quantity,
        counts_from,
        first_at,
        last_at
    from active_people
    where department is not null
    union all
    select
        account_id,
        'country' as measure,
        country as item,
        measured_on,
        quantity,
        counts_from,
        first_at,
        last_at
    from active_people
    where country is not null

),

signup_measures as (

    select
        account_id,
        'user' as measure,
        cast(null as {{ dbt.type_string() }}) as item,
        created_on as measured_on,
        1 as quantity,
        created_on as counts_from,
        created_at as first_at,
        created_at as last_at
    from users
    union all
    select
        account_id,
        'executive' as measure,
        cast(null as {{ dbt.type_string() }}) as item,
        created_on as measured_on,
        1 as quantity,
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
        user_workspaces.first_used_on as measured_on,
        user_workspaces.usage_events as quantity,
        greatest(user_workspaces.first_used_on, users.created_on) as counts_from,
        user_workspaces.first_used_at as first_at,
        user_workspaces.last_used_at as last_at
    from user_workspaces
    inner join users
        on user_workspaces.user_id = users.user_id
    where user_workspaces.first_used_on is not null

),

all_measures as (

    select * from shared_measures
    union all
    select * from people_measures
    union all
    select * from signup_measures
    union all
    select * from workspace_measures

),

-- counts_from is kept apart: a user who signs up later adds what was done from then on.
account_measures as (

    select
        account_id,
        measure,
        item,
        {{ total('quantity') }} as quantity,
        measured_on,
        counts_from,
        min(first_at) as first_at,
        max(last_at) as last_at
    from all_measures
    group by account_id, measure, item, measured_on, counts_from

)

select * from account_measures
