-- One row per account whose company is known, with its firmographics.
with

companies as (

    select * from {{ ref('stg_companies') }}

),

domains as (

    select * from {{ ref('int_domains') }}

),

icp as (

    select * from {{ ref('icp') }}

),

segments as (

    select * from {{ ref('segments') }}

),

-- Several hosts of one company may be listed: the row of the canonical domain speaks.
ranked_companies as (

    select
        companies.*,
        domains.canonical_domain as account_id,
        parents.canonical_domain as parent_account_id,
        row_number() over (
            partition by domains.canonical_domain
            order by
                case
                    when domains.ascii_host = domains.canonical_domain then 1
                    else 2
                end,
                companies.domain
        ) as company_rank
    from companies
    inner join domains
        on companies.domain = domains.host
    left join domains as parents
        on companies.parent_domain = parents.host
    where domains.canonical_domain is not null

),

account_companies as (

    select * from ranked_companies
    where company_rank = 1

),

-- icp.csv's values by attribute, as `|in|any|case|` or `low|high`.
icp_matches as (

    select
        account_companies.account_id,
        icp.attribute,
        max(
            case
                when icp.operator = 'between' and icp.attribute = 'employee_count'
                    then case
                        when
                            account_companies.employee_count
                            >= cast(
                                {{ dbt.split_part('icp.value', "'|'", 1) }} as integer
                            )
                            and account_companies.employee_count
                            <= cast(
                                {{ dbt.split_part('icp.value', "'|'", 2) }} as integer
                            )
                            then 1
                        else 0
                    end
                when
                    {{ dbt.position(
                        "'|' || lower(
                            case icp.attribute
                                when 'industry' then account_companies.industry
                                when 'country' then account_companies.country
                                when 'funding_stage' then account_companies.funding_stage
                                when 'employee_count'
                                    then cast(
                                        account_companies.employee_count
                                        as " ~ dbt.type_string() ~ "
                                    )
                            end
                        ) || '|'",
                        "'|' || lower(icp.value) || '|'"
                    ) }} > 0
                    then 1
                else 0
            end
        ) as is_match
    from account_companies
    cross join icp
    group by account_companies.account_id, icp.attribute

),

icp_verdicts as (

    select
        account_id,
        min(is_match) as is_icp,
        max(
            case when attribute = 'industry' then is_match end
        ) as is_target_industry
    from icp_matches
    group by account_id

),

enterprise_segment as (

    select max(min_employees) as min_employees
    from segments
    where segment = 'enterprise'

),

firmographics as (

    select
        account_companies.account_id,
        case
            when account_companies.parent_account_id != account_companies.account_id
                then account_companies.parent_account_id
        end as parent_account_id,
        account_companies.company_name,
        account_companies.industry,
        account_companies.country,
        account_companies.funding_stage,
        account_companies.employee_count,
        account_companies.open_relevant_roles,
        coalesce(icp_verdicts.is_icp, 0) as is_icp,
        coalesce(icp_verdicts.is_target_industry, 0) as is_target_industry,
        case
            when account_companies.employee_count >= enterprise_segment.min_employees
                then 1
            else 0
        end as is_enterprise_domain,
        account_companies.last_funded_on
    from account_companies
    cross join enterprise_segment
    left join icp_verdicts
        on account_companies.account_id = icp_verdicts.account_id

)

select * from firmographics
