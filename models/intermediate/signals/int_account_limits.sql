-- One row per account_id and day with the highest share of a limit it had used.
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

user_workspaces as (

    select * from {{ ref('int_user_workspaces') }}

),

usage_meters as (

    select * from {{ ref('stg_usage_meters') }}

),

days_ahead as (

    {{ number_series(7) }}

),

-- A workspace is the account's from its first use, or while a user of it owns it.
account_workspaces as (

    select
        users.account_id,
        user_workspaces.workspace_id,
        min(
            greatest(
                users.created_on,
                case
                    when not user_workspaces.is_owner then user_workspaces.first_used_on
                    when user_workspaces.owned_since is null then users.created_on
                    else least(
                        user_workspaces.owned_since,
                        coalesce(
                            user_workspaces.first_used_on, user_workspaces.owned_since
                        )
                    )
                end
            )
        ) as held_from
    from user_workspaces
    inner join users
        on user_workspaces.user_id = users.user_id
    group by users.account_id, user_workspaces.workspace_id

),

-- A measurement speaks for seven days, or until the next one.
measurements as (

    select
        usage_meters.workspace_id,
        usage_meters.meter,
        {{ ratio(
            'usage_meters.used_quantity', 'usage_meters.limit_quantity'
        ) }} as used_share,
        usage_meters.measured_on,
        lead(usage_meters.measured_on) over (
            partition by usage_meters.workspace_id, usage_meters.meter
            order by usage_meters.measured_on
        ) as next_measured_on
    from usage_meters
    cross join as_of
    where usage_meters.measured_on <= as_of.as_of_date

),

measured_days as (

    select
        account_workspaces.account_id,
        measurements.workspace_id,
        measurements.meter,
        {{ add_days('measurements.measured_on', 'days_ahead.n') }} as as_of_date,
        measurements.used_share
    from measurements
    inner join account_workspaces
        on measurements.workspace_id = account_workspaces.workspace_id
    cross join days_ahead
    where
        measurements.used_share is not null
        and {{ add_days('measurements.measured_on', 'days_ahead.n') }}
        >= account_workspaces.held_from
        and (
            measurements.next_measured_on is null
            or {{ add_days('measurements.measured_on', 'days_ahead.n') }}
            < measurements.next_measured_on
        )

),

ranked_limits as (

    select
        *,
        row_number() over (
            partition by account_id, as_of_date
            order by used_share desc, meter, workspace_id
        ) as limit_rank
    from measured_days

),

account_limits as (

    select
        account_id,
        meter,
        used_share as limit_utilisation,
        as_of_date
    from ranked_limits
    where limit_rank = 1

)

select * from account_limits
