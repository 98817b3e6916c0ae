-- One row per user_id and day the user is scored: the days of the account.
with

users as (

    select
        int_users.user_id,
        int_users.created_on,
        int_users_mapped_to_accounts.account_id
    from {{ ref('int_users') }}
    inner join {{ ref('int_users_mapped_to_accounts') }}
        on int_users.user_id = int_users_mapped_to_accounts.user_id

),

account_days as (

    select * from {{ ref('int_account_days') }}

),

-- Dormant users of an active account stand too: what they did adds to its score.
user_days as (

    select
        users.user_id,
        users.account_id,
        account_days.as_of_date
    from users
    inner join account_days
        on
            users.account_id = account_days.account_id
            and users.created_on <= account_days.as_of_date

)

select * from user_days
