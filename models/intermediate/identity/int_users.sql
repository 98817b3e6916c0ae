-- One row per user that existed on as_of_date, with what email and title say.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

users as (

    select * from {{ ref('stg_users') }}

),

domains as (

    select * from {{ ref('int_domains') }}

),

title_rules as (

    select * from {{ ref('title_rules') }}

),

job_titles as (

    select job_title
    from users
    where job_title is not null
    group by job_title

),

matched_titles as (

    select
        job_titles.job_title,
        title_rules.seniority,
        lower(title_rules.department) as department,
        title_rules.is_buyer,
        row_number() over (
            partition by job_titles.job_title
            order by title_rules.rule_order, title_rules.pattern
        ) as rule_rank
    from job_titles
    inner join title_rules
        on {{ matches_pattern(
            'job_titles.job_title', 'title_rules.pattern', ignore_case=true
        ) }}

),

known_users as (

    select
        users.user_id,
        users.email,
        users.full_name,
        users.job_title,
        coalesce(lower(users.department), matched_titles.department) as department,
        matched_titles.seniority,
        users.signup_source,
        users.country,
        domains.registrable_domain,
        domains.canonical_domain,
        coalesce(domains.is_personal, false) as is_personal_domain,
        coalesce(domains.is_internal, false) as is_internal_domain,
        coalesce(matched_titles.is_buyer, false) as is_buyer,
        coalesce(users.is_opted_out, false) as is_opted_out,
        cast(users.created_at as date) as created_on,
        users.created_at
    from users
    cross join as_of
    left join domains
        on {{ dbt.split_part('users.email', "'@'", 2) }} = domains.host
    left join matched_titles
        on users.job_title = matched_titles.job_title and matched_titles.rule_rank = 1
    where cast(users.created_at as date) <= as_of.as_of_date

)

select * from known_users
