-- One row per account_id that has users on as_of_date.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

users as (

    select * from {{ ref('int_users') }}

),

mapped_users as (

    select * from {{ ref('int_users_mapped_to_accounts') }}

),

account_metrics as (

    select * from {{ ref('int_account_metrics') }}

),

account_companies as (

    select * from {{ ref('int_account_companies') }}

),

account_plans as (

    select * from {{ ref('int_account_plans') }}

),

user_personas as (

    select * from {{ ref('int_user_personas') }}

),

segments as (

    select * from {{ ref('segments') }}

),

workspaces as (

    select * from {{ ref('stg_workspaces') }}

),

domains as (

    select canonical_domain
    from {{ ref('int_domains') }}
    where canonical_domain is not null
    group by canonical_domain

),

-- Several rules may bring users to one account: the one of most users names it.
ranked_rules as (

    select
        account_id,
        account_rule,
        row_number() over (
            partition by account_id
            order by
                count(*) desc,
                case account_rule
                    when 'override' then 1
                    when 'internal' then 2
                    when 'domain' then 3
                    when 'workspace' then 4
                    when 'shared_workspace' then 5
                    else 6
                end
        ) as rule_rank
    from mapped_users
    group by account_id, account_rule

),

account_members as (

    select
        mapped_users.account_id,
        max(ranked_rules.account_rule) as account_rule,
        max(
            case when user_personas.is_recommended_contact then users.user_id end
        ) as recommended_contact,
        min(users.created_on) as first_seen_on
    from mapped_users
    inner join users
        on mapped_users.user_id = users.user_id
    inner join user_personas
        on mapped_users.user_id = user_personas.user_id
    inner join ranked_rules
        on
            mapped_users.account_id = ranked_rules.account_id
            and ranked_rules.rule_rank = 1
    group by mapped_users.account_id

),

sized_accounts as (

    select
        account_members.*,
        account_metrics.users,
        account_metrics.active_users_30d,
        account_metrics.employee_count,
        account_metrics.is_icp
    from account_members
    cross join as_of
    inner join account_metrics
        on
            account_members.account_id = account_metrics.account_id
            and as_of.as_of_date = account_metrics.as_of_date

),

-- By employees where they are known, else by users: the largest step reached.
ranked_segments as (

    select
        sized_accounts.account_id,
        segments.segment,
        row_number() over (
            partition by sized_accounts.account_id
            order by segments.min_employees desc, segments.segment
        ) as segment_rank
    from sized_accounts
    inner join segments
        on
            coalesce(
                sized_accounts.employee_count >= segments.min_employees,
                sized_accounts.users >= segments.min_users
            )

),

accounts as (

    select
        sized_accounts.account_id,
        sized_accounts.account_rule,
        account_companies.parent_account_id,
        coalesce(
            account_companies.company_name, workspaces.workspace_name
        ) as company_name,
        domains.canonical_domain as domain,
        account_companies.industry,
        account_companies.country,
        account_companies.funding_stage,
        ranked_segments.segment,
        account_plans.plan,
        sized_accounts.recommended_contact,
        account_companies.employee_count,
        sized_accounts.users,
        sized_accounts.active_users_30d,
        account_plans.seats,
        account_plans.mrr_usd,
        coalesce(account_plans.is_paying, false) as is_paying,
        sized_accounts.is_icp = 1 as is_icp,
        sized_accounts.account_id like 'internal:%' as is_internal,
        sized_accounts.first_seen_on
    from sized_accounts
    inner join ranked_segments
        on
            sized_accounts.account_id = ranked_segments.account_id
            and ranked_segments.segment_rank = 1
    left join account_companies
        on sized_accounts.account_id = account_companies.account_id
    left join account_plans
        on sized_accounts.account_id = account_plans.account_id
    left join domains
        on sized_accounts.account_id = domains.canonical_domain
    left join workspaces
        on sized_accounts.account_id = 'workspace:' || workspaces.workspace_id

)

select * from accounts
