-- One row per crm_account_id: the accepted rows of crm_accounts, each once.
with

judged_rows as (

    select * from {{ ref('base_crm_accounts') }}

),

accepted_rows as (

    select
        crm_account_id,
        account_name,
        domain,
        owner_id,
        region,
        created_at
    from judged_rows
    where not is_dropped and copy_number = 1

)

select * from accepted_rows
