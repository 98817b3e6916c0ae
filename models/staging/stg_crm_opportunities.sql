-- One row per opportunity_id: the accepted rows of crm_opportunities, each once.
with

judged_rows as (

    select * from {{ ref('base_crm_opportunities') }}

),

accepted_rows as (

    select
        opportunity_id,
        crm_account_id,
        domain,
        created_at,
        accepted_at,
        closed_at,
        is_won,
        amount_usd,
        source,
        opportunity_type,
        stage
    from judged_rows
    where not is_dropped and copy_number = 1

)

select * from accepted_rows
