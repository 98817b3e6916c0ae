-- One row per activity_id up to as_of_date, with the account it is about.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

domains as (

    select * from {{ ref('int_domains') }}
    where canonical_domain is not null and not is_personal

),

crm_accounts as (

    select * from {{ ref('int_crm_accounts') }}

),

staged_activities as (

    select * from {{ ref('stg_crm_activities') }}

),

-- A row's own domain speaks before that of the CRM account it hangs on. A task is a
-- note to oneself: it reaches nobody.
crm_activities as (

    select
        staged_activities.activity_id,
        coalesce(domains.canonical_domain, crm_accounts.account_id) as account_id,
        staged_activities.contact_email,
        lower(staged_activities.activity_type) as activity_type,
        lower(staged_activities.direction) as direction,
        lower(staged_activities.outcome) as outcome,
        staged_activities.owner_id,
        lower(staged_activities.direction) = 'outbound'
        and lower(staged_activities.activity_type) != 'task' as is_touch,
        lower(staged_activities.direction) = 'inbound'
        or coalesce(
            lower(staged_activities.outcome) in ('replied', 'meeting_booked'), false
        ) as is_answer,
        staged_activities.occurred_at
    from staged_activities
    cross join as_of
    left join domains
        on staged_activities.domain = domains.host
    left join crm_accounts
        on staged_activities.crm_account_id = crm_accounts.crm_account_id
    where cast(staged_activities.occurred_at as date) <= as_of.as_of_date

)

select * from crm_activities
