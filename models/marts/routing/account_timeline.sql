-- One row per happening_id: what sales did and what was bought, by account.
with

accounts as (

    select * from {{ ref('accounts') }}
    where not is_internal

),

activities as (

    select * from {{ ref('int_crm_activities') }}

),

opportunities as (

    select * from {{ ref('int_crm_opportunities') }}

),

subscriptions as (

    select * from {{ ref('int_account_subscriptions') }}

),

happenings as (

    select
        'activity|' || activity_id as happening_id,
        account_id,
        'activity' as kind,
        activity_type as happening,
        case
            when outcome is null then direction
            else direction || ', ' || outcome
        end as detail,
        owner_id,
        cast(null as {{ engine_type('double') }}) as amount_usd,
        occurred_at as happened_at
    from activities

    union all

    select
        'created|' || opportunity_id as happening_id,
        account_id,
        'opportunity' as kind,
        'created' as happening,
        coalesce(source, opportunity_type) as detail,
        cast(null as {{ dbt.type_string() }}) as owner_id,
        amount_usd,
        created_at as happened_at
    from opportunities

    union all

    select
        'accepted|' || opportunity_id as happening_id,
        account_id,
        'opportunity' as kind,
        'accepted' as happening,
        coalesce(source, opportunity_type) as detail,
        cast(null as {{ dbt.type_string() }}) as owner_id,
        amount_usd,
        accepted_at as happened_at
    from opportunities
    where accepted_at is not null

    union all

    select
        'closed|' || opportunity_id as happening_id,
        account_id,
        'opportunity' as kind,
        case when is_won then 'won' else 'lost' end as happening,
        coalesce(source, opportunity_type) as detail,
        cast(null as {{ dbt.type_string() }}) as owner_id,
        amount_usd,
        closed_at as happened_at
    from opportunities
    where not is_open

    union all

    select
        'began|' || subscription_id as happening_id,
        account_id,
        'subscription' as kind,
        'began' as happening,
        plan as detail,
        cast(null as {{ dbt.type_string() }}) as owner_id,
        12 * mrr_usd as amount_usd,
        started_at as happened_at
    from subscriptions

    union all

    select
        'ended|' || subscription_id as happening_id,
        account_id,
        'subscription' as kind,
        'ended' as happening,
        plan as detail,
        cast(null as {{ dbt.type_string() }}) as owner_id,
        12 * mrr_usd as amount_usd,
        ended_at as happened_at
    from subscriptions
    where ended_at is not null

),

account_timeline as (

    select
        accounts.account_id,
        happenings.happening_id,
        happenings.kind,
        happenings.happening,
        happenings.detail,
        happenings.owner_id,
        happenings.amount_usd,
        happenings.happened_at
    from accounts
    inner join happenings
        on accounts.account_id = happenings.account_id

)

select * from account_timeline
