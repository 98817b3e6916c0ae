-- One row per user and day an upgrade was begun and left, with the days it counts for.
with

known_users as (

    select * from {{ ref('int_users') }}

),

mapped_users as (

    select * from {{ ref('int_users_mapped_to_accounts') }}

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

daily_usage as (

    select * from {{ ref('daily_usage') }}

),

upgrades as (

    select
        users.account_id,
        daily_usage.user_id,
        daily_usage.behaviour,
        daily_usage.activity_date,
        greatest(daily_usage.activity_date, users.created_on) as counts_from,
        max(daily_usage.last_at) as last_at
    from daily_usage
    inner join users
        on daily_usage.user_id = users.user_id
    where daily_usage.behaviour in ('upgrade_started', 'upgrade_completed')
    group by
        users.account_id,
        daily_usage.user_id,
        daily_usage.behaviour,
        daily_usage.activity_date,
        users.created_on

),

starts as (

    select
        user_id,
        account_id,
        activity_date,
        counts_from,
        last_at as started_at,
        lead(activity_date) over (
            partition by user_id order by activity_date
        ) as next_started_on
    from upgrades
    where behaviour = 'upgrade_started'

),

-- Anyone of the account may finish it; somebody who signs up later, from then on.
first_completions as (

    select
        starts.user_id,
        starts.activity_date,
        min(upgrades.counts_from) as completed_on
    from starts
    inner join upgrades
        on
            starts.account_id = upgrades.account_id
            and starts.started_at <= upgrades.last_at
    where upgrades.behaviour = 'upgrade_completed'
    group by starts.user_id, starts.activity_date

),

-- Left for 24 hours at the end of the day after, or of the same day when it was begun
-- at its very first moment; before signing up nobody has left anything.
abandonments as (

    select
        starts.user_id,
        starts.activity_date as started_on,
        greatest(
            case
                when starts.started_at = cast(starts.activity_date as timestamp)
                    then starts.activity_date
                else {{ add_days('starts.activity_date', 1) }}
            end,
            starts.counts_from
        ) as abandoned_from,
        least(
            {{ add_days('starts.activity_date', 30) }},
            coalesce(
                starts.next_started_on,
                {{ add_days('starts.activity_date', 30) }}
            ),
            coalesce(
                first_completions.completed_on,
                {{ add_days('starts.activity_date', 30) }}
            )
        ) as abandoned_until,
        starts.started_at
    from starts
    left join first_completions
        on
            starts.user_id = first_completions.user_id
            and starts.activity_date = first_completions.activity_date

)

select * from abandonments
where abandoned_from < abandoned_until
