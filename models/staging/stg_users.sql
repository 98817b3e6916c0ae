-- One row per user_id: the accepted rows of users, each once.
with

judged_rows as (

    select * from {{ ref('base_users') }}

),

accepted_rows as (

    select
        user_id,
        email,
        created_at,
        full_name,
        job_title,
        department,
        signup_source,
        country,
        is_opted_out
    from judged_rows
    where not is_dropped and copy_number = 1

)

select * from accepted_rows
