-- One row per response_id up to as_of_date, with the account it came from.
{{ config(materialized='view') }}

with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

staged_responses as (

    select * from {{ ref('stg_nps_responses') }}

),

mapped_users as (

    select * from {{ ref('int_users_mapped_to_accounts') }}
    where not is_internal

),

-- Promoters are 9 and 10, detractors 0 to 6: the mean of 100, 0 and -100 is the score.
nps_responses as (

    select
        staged_responses.response_id,
        mapped_users.account_id,
        case
            when staged_responses.score >= 9 then 100
            when staged_responses.score <= 6 then -100
            else 0
        end as points,
        cast(staged_responses.responded_at as date) as responded_on
    from staged_responses
    cross join as_of
    inner join mapped_users
        on staged_responses.user_id = mapped_users.user_id
    where cast(staged_responses.responded_at as date) <= as_of.as_of_date

)

select * from nps_responses
