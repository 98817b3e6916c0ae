-- One row per user_id that existed on as_of_date.
with

users as (

    select * from {{ ref('int_users') }}

),

mapped_users as (

    select * from {{ ref('int_users_mapped_to_accounts') }}

),

user_personas as (

    select * from {{ ref('int_user_personas') }}

),

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

user_metrics as (

    select * from {{ ref('int_user_metrics') }}

),

user_list as (

    select
        users.user_id,
        mapped_users.account_id,
        mapped_users.account_rule,
        users.email,
        users.full_name,
        users.job_title,
        users.department,
        users.seniority,
        users.country,
        users.signup_source,
        user_personas.persona,
        user_personas.is_recommended_contact,
        user_metrics.activated_at is not null as is_activated,
        users.is_opted_out,
        user_metrics.activated_at,
        users.created_at
    from users
    cross join as_of
    inner join mapped_users
        on users.user_id = mapped_users.user_id
    inner join user_personas
        on users.user_id = user_personas.user_id
    inner join user_metrics
        on
            users.user_id = user_metrics.user_id
            and as_of.as_of_date = user_metrics.as_of_date

)

select * from user_list
