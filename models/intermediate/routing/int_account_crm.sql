-- One row per account_id that the CRM knows, with what it says as of as_of_date.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

domains as (

    select * from {{ ref('int_domains') }}
    where canonical_domain is not null

),

crm_accounts as (

    select * from {{ ref('stg_crm_accounts') }}

),

crm_activities as (

    select * from {{ ref('stg_crm_activities') }}

),

crm_opportunities as (

    select * from {{ ref('stg_crm_opportunities') }}

),

linked_accounts as (

    select
        crm_accounts.crm_account_id,
        domains.canonical_domain as account_id,
        crm_accounts.account_name,
        crm_accounts.owner_id,
        crm_accounts.region,
        row_number() over (
            partition by domains.canonical_domain
            order by
                case when crm_accounts.owner_id is null then 2 else 1 end,
                crm_accounts.created_at,
                crm_accounts.crm_account_id
        ) as account_rank
    from crm_accounts
    cross join as_of
    inner join domains
        on crm_accounts.domain = domains.host
    where
        crm_accounts.created_at is null
        or cast(crm_accounts.created_at as date) <= as_of.as_of_date

),

-- A row's own domain speaks before that of the CRM account it hangs on.
activities as (

    select
        coalesce(
            domains.canonical_domain, linked_accounts.account_id
        ) as account_id,
        crm_activities.activity_id,
        crm_activities.activity_type,
        lower(crm_activities.direction) as direction,
        lower(crm_activities.outcome) as outcome,
        crm_activities.occurred_at
    from crm_activities
    cross join as_of
    left join domains
        on crm_activities.domain = domains.host
    left join linked_accounts
        on crm_activities.crm_account_id = linked_accounts.crm_account_id
    where cast(crm_activities.occurred_at as date) <= as_of.as_of_date

),

-- A task is a note to oneself: it reaches nobody.
ranked_touches as (

    select
        account_id,
        activity_type,
        occurred_at,
        row_number() over (
            partition by account_id
            order by occurred_at desc, activity_id
        ) as touch_rank
    from activities
    where
        account_id is not null
        and direction = 'outbound'
        and lower(activity_type) != 'task'

),

last_touches as (

    select
        ranked_touches.account_id,
        ranked_touches.activity_type as last_touch_type,
        ranked_touches.occurred_at as last_touched_at,
        max(
            case
                when
                    activities.direction = 'inbound'
                    or activities.outcome in ('replied', 'meeting_booked')
                    then 1
                else 0
            end
        ) = 1 as is_answered
    from ranked_touches
    inner join activities
        on
            ranked_touches.account_id = activities.account_id
            and ranked_touches.occurred_at <= activities.occurred_at
    where ranked_touches.touch_rank = 1
    group by
        ranked_touches.account_id,
        ranked_touches.activity_type,
        ranked_touches.occurred_at

),

unsubscribes as (

    select
        account_id,
        min(cast(occurred_at as date)) as unsubscribed_on
    from activities
    where account_id is not null and outcome = 'unsubscribed'
    group by account_id

),

open_opportunities as (

    select
        coalesce(
            domains.canonical_domain, linked_accounts.account_id
        ) as account_id,
        crm_opportunities.opportunity_id,
        crm_opportunities.amount_usd,
        cast(crm_opportunities.created_at as date) as opened_on
    from crm_opportunities
    cross join as_of
    left join domains
        on crm_opportunities.domain = domains.host
    left join linked_accounts
        on crm_opportunities.crm_account_id = linked_accounts.crm_account_id
    where
        cast(crm_opportunities.created_at as date) <= as_of.as_of_date
        and (
            crm_opportunities.closed_at is null
            or cast(crm_opportunities.closed_at as date) > as_of.as_of_date
        )

),

-- The largest speaks for several.
ranked_opportunities as (

    select
        *,
        row_number() over (
            partition by account_id
            order by coalesce(amount_usd, 0) desc, opportunity_id
        ) as opportunity_rank
    from open_opportunities
    where account_id is not null

),

accounts as (

    select account_id from linked_accounts
    union distinct
    select account_id from last_touches
    union distinct
    select account_id from unsubscribes
    union distinct
    select account_id from ranked_opportunities

),

account_crm as (

    select
        accounts.account_id,
        linked_accounts.crm_account_id,
        linked_accounts.owner_id,
        ranked_opportunities.opportunity_id as open_opportunity_id,
        linked_accounts.account_name,
        linked_accounts.region,
        last_touches.last_touch_type,
        ranked_opportunities.amount_usd as open_opportunity_usd,
        coalesce(last_touches.is_answered, false) as is_answered,
        unsubscribes.unsubscribed_on,
        ranked_opportunities.opened_on as opportunity_opened_on,
        last_touches.last_touched_at
    from accounts
    left join linked_accounts
        on
            accounts.account_id = linked_accounts.account_id
            and linked_accounts.account_rank = 1
    left join last_touches
        on accounts.account_id = last_touches.account_id
    left join unsubscribes
        on accounts.account_id = unsubscribes.account_id
    left join ranked_opportunities
        on
            accounts.account_id = ranked_opportunities.account_id
            and ranked_opportunities.opportunity_rank = 1

)

select * from account_crm
