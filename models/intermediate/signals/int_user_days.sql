-- One row per user_id and day the user is scored: the days of the account.
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
        known_users.created_on,
        mapped_users.account_id
    from known_users
    inner join mapped_users
        on known_users.user_id = mapped_users.user_id

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
