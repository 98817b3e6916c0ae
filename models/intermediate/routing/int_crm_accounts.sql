-- One row per crm_account_id that is known as of as_of_date, with its account.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

domains as (

    select * from {{ ref('int_domains') }}
    where canonical_domain is not null and not is_personal

),

staged_accounts as (

    select * from {{ ref('stg_crm_accounts') }}

),

crm_accounts as (

    select
        staged_accounts.crm_account_id,
        domains.canonical_domain as account_id,
        staged_accounts.account_name,
        staged_accounts.owner_id,
        staged_accounts.region,
        row_number() over (
            partition by domains.canonical_domain
            order by
                case when staged_accounts.owner_id is null then 2 else 1 end,
                staged_accounts.created_at,
                staged_accounts.crm_account_id
        ) as account_rank
    from staged_accounts
    cross join as_of
    inner join domains
        on staged_accounts.domain = domains.host
    where
        staged_accounts.created_at is null
        or cast(staged_accounts.created_at as date) <= as_of.as_of_date

)

select * from crm_accounts
