-- One row per opportunity_id created by as_of_date, as it stood then.
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

staged_opportunities as (

    select * from {{ ref('stg_crm_opportunities') }}

),

leads as (

    select * from {{ ref('stg_crm_leads') }}

),

-- Where the CRM does not name the source, a lead of marketing does.
marketing_opportunities as (

    select leads.opportunity_id
    from leads
    cross join as_of
    where cast(leads.became_mql_at as date) <= as_of.as_of_date
    group by leads.opportunity_id

),

opportunities_then as (

    select
        staged_opportunities.opportunity_id,
        coalesce(domains.canonical_domain, crm_accounts.account_id) as account_id,
        coalesce(
            lower(staged_opportunities.source),
            case when marketing_opportunities.opportunity_id is not null then 'mql' end
        ) as source,
        lower(staged_opportunities.opportunity_type) as opportunity_type,
        staged_opportunities.amount_usd,
        staged_opportunities.is_won,
        staged_opportunities.created_at,
        case
            when cast(staged_opportunities.accepted_at as date) <= as_of.as_of_date
                then staged_opportunities.accepted_at
        end as accepted_at,
        case
            when cast(staged_opportunities.closed_at as date) <= as_of.as_of_date
                then staged_opportunities.closed_at
        end as closed_at
    from staged_opportunities
    cross join as_of
    left join domains
        on staged_opportunities.domain = domains.host
    left join crm_accounts
        on staged_opportunities.crm_account_id = crm_accounts.crm_account_id
    left join marketing_opportunities
        on staged_opportunities.opportunity_id = marketing_opportunities.opportunity_id
    where cast(staged_opportunities.created_at as date) <= as_of.as_of_date

),

-- Whether it was won is known from the day it was closed on.
crm_opportunities as (

    select
        opportunity_id,
        account_id,
        source,
        opportunity_type,
        amount_usd,
        closed_at is null as is_open,
        closed_at is not null and coalesce(is_won, false) as is_won,
        created_at,
        accepted_at,
        closed_at
    from opportunities_then

)

select * from crm_opportunities
