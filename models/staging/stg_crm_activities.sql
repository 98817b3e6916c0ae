-- One row per activity_id: the accepted rows of crm_activities, each once.
with

judged_rows as (

    select * from {{ ref('base_crm_activities') }}

),

accepted_rows as (

    select
        activity_id,
        crm_account_id,
        domain,
        contact_email,
        activity_type,
        direction,
        occurred_at,
        owner_id,
        outcome
    from judged_rows
    where not is_dropped and copy_number = 1

)

select * from accepted_rows
