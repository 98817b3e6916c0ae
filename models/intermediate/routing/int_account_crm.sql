-- One row per account_id that the CRM knows, with what it says as of as_of_date.
with

linked_accounts as (

    select * from {{ ref('int_crm_accounts') }}

),

activities as (

    select * from {{ ref('int_crm_activities') }}

),

crm_opportunities as (

    select * from {{ ref('int_crm_opportunities') }}

),

known_users as (

    select * from {{ ref('int_users') }}

),

mapped_users as (

    select * from {{ ref('int_users_mapped_to_accounts') }}

),

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
    where account_id is not null and is_touch

),

last_touches as (

    select
        ranked_touches.account_id,
        ranked_touches.activity_type as last_touch_type,
        ranked_touches.occurred_at as last_touched_at,
        max(case when activities.is_answer then 1 else 0 end) = 1 as is_answered
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

-- Where nothing but the address of who unsubscribed is known, whoever has it is meant.
unsubscribes_as_told as (

    select
        account_id,
        case when account_id is null then contact_email end as address,
        cast(occurred_at as date) as unsubscribed_on
    from activities
    where outcome = 'unsubscribed'

),

unsubscribes as (

    select
        coalesce(told.account_id, mapped_users.account_id) as account_id,
        min(told.unsubscribed_on) as unsubscribed_on
    from unsubscribes_as_told as told
    left join known_users
        on told.address = known_users.email
    left join mapped_users
        on known_users.user_id = mapped_users.user_id
    where coalesce(told.account_id, mapped_users.account_id) is not null
    group by coalesce(told.account_id, mapped_users.account_id)

),

-- The largest speaks for several.
ranked_opportunities as (

    select
        account_id,
        opportunity_id,
        amount_usd,
        cast(created_at as date) as opened_on,
        row_number() over (
            partition by account_id
            order by coalesce(amount_usd, 0) desc, opportunity_id
        ) as opportunity_rank
    from crm_opportunities
    where account_id is not null and is_open

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
