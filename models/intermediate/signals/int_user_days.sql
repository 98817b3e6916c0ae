-- One row per user_id and day a metric may change though nothing happened that day.
-- The user begins to exist, or an account begins to be scored or changes its size; an
-- age or the days since the last use reach a border of a signal; as_of_date itself.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

restarts as (

    select * from {{ ref('int_score_restarts') }}

),

known_users as (

    select * from {{ ref('int_users') }}

),

mapped_users as (

    select * from {{ ref('int_users_mapped_to_accounts') }}

),

account_days as (

    select * from {{ ref('int_account_days') }}

),

user_measures as {{ not_materialized() }} (

    select * from {{ ref('int_user_measures') }}
    where measure in ('usage', 'activation')

),

signals as (

    select * from {{ ref('signals') }}
    where level = 'user'

),

users as (

    select
        known_users.user_id,
        mapped_users.account_id,
        known_users.created_on
    from known_users
    inner join mapped_users
        on known_users.user_id = mapped_users.user_id

),

-- A day of the account without the day before it begins a stretch.
previous_account_days as (

    select
        account_id,
        as_of_date,
        lag(as_of_date) over (
            partition by account_id order by as_of_date
        ) as day_before
    from account_days

),

account_changes as (

    select
        account_id,
        as_of_date as changed_on
    from previous_account_days
    where day_before is null or {{ add_days('day_before', 1) }} < as_of_date
    union distinct
    select
        account_id,
        created_on as changed_on
    from users

),

borders as (

    select
        metric,
        cast(ceil(min_value) as integer) as days
    from signals
    where min_value is not null
    union distinct
    select
        metric,
        cast(ceil(max_value) as integer) as days
    from signals
    where max_value is not null

),

age_borders as (

    select days
    from borders
    where
        metric in (
            'user_age_days',
            'days_since_last_active',
            'solo_without_invites_days',
            'free_only_days'
        )
    group by days

),

candidate_days as (

    select
        users.user_id,
        users.account_id,
        account_changes.changed_on
    from users
    inner join account_changes
        on
            users.account_id = account_changes.account_id
            and users.created_on <= account_changes.changed_on
    union all
    select
        users.user_id,
        users.account_id,
        {{ add_days('users.created_on', 'age_borders.days') }} as changed_on
    from users
    cross join age_borders
    union all
    select
        user_measures.user_id,
        user_measures.account_id,
        greatest(
            {{ add_days('user_measures.measured_on', 'borders.days') }},
            user_measures.counts_from
        ) as changed_on
    from user_measures
    cross join borders
    where
        user_measures.measure = 'usage'
        and borders.metric = 'days_since_last_active'
    union all
    select
        user_id,
        account_id,
        counts_from as changed_on
    from user_measures
    where measure = 'activation'
    union all
    select
        users.user_id,
        users.account_id,
        as_of.as_of_date as changed_on
    from users
    cross join as_of

),

user_days as (

    select
        candidate_days.user_id,
        candidate_days.account_id,
        greatest(candidate_days.changed_on, restarts.restart_on) as as_of_date
    from candidate_days
    cross join as_of
    inner join restarts
        on
            restarts.level = 'user'
            and candidate_days.user_id = restarts.entity_id
    where candidate_days.changed_on <= as_of.as_of_date
    group by
        candidate_days.user_id,
        candidate_days.account_id,
        greatest(candidate_days.changed_on, restarts.restart_on)

)

select * from user_days
