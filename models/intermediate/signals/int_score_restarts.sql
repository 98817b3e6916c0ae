-- One row per account_id and the day from which it is scored (again).
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

users as (

    select * from {{ ref('int_users_mapped_to_accounts') }}

),

restarts as (

    select
        users.account_id,
        min({{ add_days('as_of.as_of_date', 1 - history_days()) }}) as restart_on
    from users
    cross join as_of
    group by users.account_id

)

select * from restarts
