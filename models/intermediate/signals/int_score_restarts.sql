-- One row per level and entity_id, with the day from which it is scored (again).
-- Whoever was away on the first day rewritten and came back since is compared with the
-- last day before: that day is scored once more, but not written.
with

user_pasts as (

    select * from {{ ref('int_user_pasts') }}

),

account_pasts as (

    select * from {{ ref('int_account_pasts') }}

),

activity_window as (

    select until_days
    from {{ ref('metrics') }}
    where level = 'user' and metric = 'active_days_30d'

),

users as (

    select
        user_pasts.user_id,
        user_pasts.account_id,
        account_pasts.first_on,
        account_pasts.rewritten_from,
        case
            when
                user_pasts.created_on <= account_pasts.rewritten_from
                and {{ add_days(
                    'user_pasts.used_before', 'activity_window.until_days - 1'
                ) }}
                >= user_pasts.created_on
                then {{ add_days(
                    'user_pasts.used_before', 'activity_window.until_days - 1'
                ) }}
        end as last_active_on,
        -- What somebody did before signing up counts from then on.
        user_pasts.last_used_on > account_pasts.rewritten_from
        or (
            user_pasts.last_used_on is not null
            and user_pasts.created_on > account_pasts.rewritten_from
        ) as is_used_since
    from user_pasts
    cross join activity_window
    inner join account_pasts
        on user_pasts.account_id = account_pasts.account_id

),

entities as (

    select
        'user' as level,
        user_id as entity_id,
        account_id,
        first_on,
        rewritten_from,
        last_active_on,
        is_used_since
    from users
    union all
    select
        'account' as level,
        account_id as entity_id,
        account_id,
        first_on,
        rewritten_from,
        max(last_active_on) as last_active_on,
        max(case when is_used_since then 1 else 0 end) = 1 as is_used_since
    from users
    group by account_id, first_on, rewritten_from

),

compared_entities as (

    select
        level,
        entity_id,
        account_id,
        case
            when
                is_used_since
                and last_active_on >= first_on
                and last_active_on < rewritten_from
                then last_active_on
        end as compared_on,
        rewritten_from
    from entities

),

-- The account's days need all of its users' scores, the users' days the account's size.
account_days as (

    select
        account_id,
        min(coalesce(compared_on, rewritten_from)) as first_compared_on,
        min(
            case
                when level = 'account' and compared_on is not null then compared_on
                else rewritten_from
            end
        ) as account_compared_on
    from compared_entities
    group by account_id

),

restarts as (

    select
        compared_entities.level,
        compared_entities.entity_id,
        compared_entities.account_id,
        case
            when compared_entities.level = 'account'
                then account_days.first_compared_on
            when compared_entities.compared_on < account_days.account_compared_on
                then compared_entities.compared_on
            else account_days.account_compared_on
        end as restart_on,
        compared_entities.compared_on,
        compared_entities.rewritten_from
    from compared_entities
    inner join account_days
        on compared_entities.account_id = account_days.account_id

)

select * from restarts
