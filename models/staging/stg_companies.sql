-- One row per domain: the accepted rows of companies, each once.
with

judged_rows as (

    select * from {{ ref('base_companies') }}

),

accepted_rows as (

    select
        domain,
        company_name,
        industry,
        employee_count,
        country,
        funding_stage,
        last_funded_on,
        open_relevant_roles,
        parent_domain
    from judged_rows
    where not is_dropped and copy_number = 1

)

select * from accepted_rows
