-- One row per user_id that is not internal: how it is to be led, and what comes next.
with

accounts as (

    select * from {{ ref('accounts') }}
    where not is_internal

),

users as (

    select * from {{ ref('users') }}

),

steps as (

    select * from {{ ref('onboarding_track_steps') }}

),

daily_usage as (

    select * from {{ ref('daily_usage') }}
    where user_id is not null

),

-- By the company's size first: a lone user of a large company is led as one of it.
tracked_users as (

    select
        users.user_id,
        users.account_id,
        case
            when accounts.segment in ('enterprise', 'mid_market') then accounts.segment
            when accounts.users >= 2 then 'small_team'
            else 'individual'
        end as track,
        accounts.is_paying
    from users
    inner join accounts
        on users.account_id = accounts.account_id

),

done_behaviours as (

    select
        user_id,
        behaviour
    from daily_usage
    where behaviour in (select steps.behaviour from steps)
    group by user_id, behaviour

),

-- One invitation does for all who share the account.
account_invitations as (

    select tracked_users.account_id
    from tracked_users
    inner join done_behaviours
        on
            tracked_users.user_id = done_behaviours.user_id
            and done_behaviours.behaviour = 'teammate_invited'
    group by tracked_users.account_id

),

user_steps as (

    select
        tracked_users.user_id,
        tracked_users.account_id,
        tracked_users.track,
        steps.step_order,
        steps.step,
        steps.next_step,
        case
            when steps.behaviour = 'paid' then tracked_users.is_paying
            when steps.behaviour = 'teammate_invited'
                then account_invitations.account_id is not null
            else done_behaviours.user_id is not null
        end as is_done
    from tracked_users
    inner join steps
        on tracked_users.track = steps.track
    left join done_behaviours
        on
            tracked_users.user_id = done_behaviours.user_id
            and steps.behaviour = done_behaviours.behaviour
    left join account_invitations
        on tracked_users.account_id = account_invitations.account_id

),

ranked_steps as (

    select
        *,
        row_number() over (
            partition by user_id
            order by case when is_done then 2 else 1 end, step_order
        ) as open_rank,
        count(*) over (partition by user_id) as steps,
        sum(case when is_done then 1 else 0 end) over (partition by user_id)
            as steps_done
    from user_steps

),

onboarding_tracks as (

    select
        user_id,
        account_id,
        track,
        case when is_done then null else step end as next_step,
        case when is_done then 'Done.' else next_step end as next_step_text,
        cast(steps_done as integer) as steps_done,
        cast(steps as integer) as steps,
        is_done
    from ranked_steps
    where open_rank = 1

)

select * from onboarding_tracks
