-- One row per response_id: the accepted rows of nps_responses, each once.
with

judged_rows as (

    select * from {{ ref('base_nps_responses') }}

),

accepted_rows as (

    select
        response_id,
        user_id,
        responded_at,
        score
    from judged_rows
    where not is_dropped and copy_number = 1

)

select * from accepted_rows
