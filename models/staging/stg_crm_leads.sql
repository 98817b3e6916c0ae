-- One row per lead_id: the accepted rows of crm_leads, each once.
with

judged_rows as (

    select * from {{ ref('base_crm_leads') }}

),

accepted_rows as (

    select
        lead_id,
        email,
        created_at,
        lead_source,
        became_mql_at,
        converted_at,
        opportunity_id
    from judged_rows
    where not is_dropped and copy_number = 1

)

select * from accepted_rows
