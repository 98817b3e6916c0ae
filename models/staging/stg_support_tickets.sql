-- One row per ticket_id: the accepted rows of support_tickets, each once.
with

judged_rows as (

    select * from {{ ref('base_support_tickets') }}

),

accepted_rows as (

    select
        ticket_id,
        user_id,
        created_at,
        topic
    from judged_rows
    where not is_dropped and copy_number = 1

)

select * from accepted_rows
