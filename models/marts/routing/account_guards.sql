-- One row per account_id that is not internal and guard that holds: why not to call.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

accounts as (

    select * from {{ ref('accounts') }}
    where not is_internal

),

users as (

    select * from {{ ref('users') }}

),

daily_usage as (

    select
        users.account_id,
        daily_usage.behaviour,
        max(daily_usage.last_at) as last_at
    from {{ ref('daily_usage') }} as daily_usage
    inner join users
        on daily_usage.user_id = users.user_id
    where daily_usage.behaviour in ('upgrade_started', 'upgrade_completed')
    group by users.account_id, daily_usage.behaviour

),

paid_subscriptions as (

    select
        account_id,
        plan,
        cast(started_at as date) as paid_since
    from {{ ref('int_account_subscriptions') }}
    where is_paid

),

account_engagement as (

    select * from {{ ref('account_engagement') }}

),

account_dossiers as (

    select * from {{ ref('account_dossiers') }}

),

account_crm as (

    select * from {{ ref('int_account_crm') }}

),

sales_triggers as (

    select * from {{ ref('sales_triggers') }}
    where priority = 'high'

),

suppressions as (

    select
        {{ listed_account('account_id') }} as account_id,
        reason,
        until
    from {{ ref('suppressions') }}

),

competitor_domains as (

    select
        lower(competitor_domains.domain) as domain,
        coalesce(domains.canonical_domain, lower(competitor_domains.domain))
            as account_id
    from {{ ref('competitor_domains') }} as competitor_domains
    left join {{ ref('int_domains') }} as domains
        on lower(competitor_domains.domain) = domains.host

),

experiments as (

    select * from {{ ref('experiments') }}

),

-- An upgrade begun on the last day may still be finished.
upgrade_starts as (

    select
        starts.account_id,
        starts.last_at as started_at
    from daily_usage as starts
    cross join as_of
    left join daily_usage as completions
        on
            starts.account_id = completions.account_id
            and completions.behaviour = 'upgrade_completed'
            and starts.last_at <= completions.last_at
    where
        starts.behaviour = 'upgrade_started'
        and completions.account_id is null
        and starts.last_at > cast(as_of.as_of_date as timestamp)

),

unanswered_touches as (

    select
        account_crm.account_id,
        account_crm.last_touch_type,
        cast(account_crm.last_touched_at as date) as touched_on
    from account_crm
    cross join as_of
    where
        account_crm.last_touched_at is not null
        and not account_crm.is_answered
        and {{ days_between(
            'cast(account_crm.last_touched_at as date)', 'as_of.as_of_date'
        ) }} >= {{ var('reply_days') }}
        and {{ days_between(
            'cast(account_crm.last_touched_at as date)', 'as_of.as_of_date'
        ) }} < {{ var('back_off_days') }}

),

triggers_since as (

    select
        unanswered_touches.account_id,
        count(*) as triggers
    from unanswered_touches
    inner join sales_triggers
        on
            unanswered_touches.account_id = sales_triggers.account_id
            and unanswered_touches.touched_on < sales_triggers.triggered_on
    group by unanswered_touches.account_id

),

contacts as (

    select
        account_id,
        count(*) as users,
        sum(case when is_opted_out then 1 else 0 end) as opted_out_users
    from users
    group by account_id

),

converting as (

    select
        account_id,
        'Upgrade begun at '
        || cast(started_at as {{ dbt.type_string() }})
        || ' and not finished' as evidence
    from upgrade_starts
    union all
    select
        paid_subscriptions.account_id,
        'Began to pay for ' || paid_subscriptions.plan || ' on '
        || cast(paid_subscriptions.paid_since as {{ dbt.type_string() }}) as evidence
    from paid_subscriptions
    cross join as_of
    where
        {{ days_between('paid_subscriptions.paid_since', 'as_of.as_of_date') }}
        < {{ var('just_paid_days') }}

),

held_guards as (

    select
        account_id,
        'converting' as guard,
        min(evidence) as evidence
    from converting
    group by account_id
    union all
    select
        account_id,
        'before_activation' as guard,
        'Nobody of the account has activated' as evidence
    from account_engagement
    where not is_activated
    union all
    select
        accounts.account_id,
        'too_early' as guard,
        'First user signed up on '
        || cast(accounts.first_seen_on as {{ dbt.type_string() }}) as evidence
    from accounts
    cross join as_of
    inner join account_engagement
        on accounts.account_id = account_engagement.account_id
    where
        {{ days_between('accounts.first_seen_on', 'as_of.as_of_date') }}
        < {{ var('min_account_age_days') }}
        and not account_engagement.has_hand_raiser
    union all
    select
        unanswered_touches.account_id,
        'backed_off' as guard,
        'No answer to the ' || unanswered_touches.last_touch_type || ' of '
        || cast(unanswered_touches.touched_on as {{ dbt.type_string() }}) as evidence
    from unanswered_touches
    left join triggers_since
        on unanswered_touches.account_id = triggers_since.account_id
    where triggers_since.account_id is null
    union all
    select
        account_id,
        'open_opportunity' as guard,
        'Opportunity ' || open_opportunity_id || ' is open since '
        || cast(opportunity_opened_on as {{ dbt.type_string() }}) as evidence
    from account_crm
    where open_opportunity_id is not null
    union all
    select
        contacts.account_id,
        'opted_out' as guard,
        case
            when account_crm.unsubscribed_on is not null
                then
                    'Unsubscribed on '
                    || cast(account_crm.unsubscribed_on as {{ dbt.type_string() }})
            else 'All users have opted out'
        end as evidence
    from contacts
    left join account_crm
        on contacts.account_id = account_crm.account_id
    where
        account_crm.unsubscribed_on is not null
        or contacts.users = contacts.opted_out_users
    union all
    select
        suppressions.account_id,
        'suppressed' as guard,
        min(
            coalesce(suppressions.reason, 'suppressed by hand')
            || coalesce(
                ', until '
                || cast(suppressions.until as {{ dbt.type_string() }}), ''
            )
        ) as evidence
    from suppressions
    cross join as_of
    where
        suppressions.until is null
        or suppressions.until >= as_of.as_of_date
    group by suppressions.account_id
    union all
    select
        account_id,
        'competitor' as guard,
        min(domain || ' is a competitor') as evidence
    from competitor_domains
    group by account_id
    union all
    select
        accounts.account_id,
        'holdout' as guard,
        min('Control arm of ' || experiments.experiment_id) as evidence
    from accounts
    cross join as_of
    inner join experiments
        on
            as_of.as_of_date >= experiments.starts_on
            and (
                experiments.ends_on is null
                or as_of.as_of_date <= experiments.ends_on
            )
    where {{ is_held_out('experiments', 'accounts.account_id') }}
    group by accounts.account_id
    union all
    select
        account_id,
        'no_context' as guard,
        'The dossier lacks ' || trim(missing_fields) as evidence
    from account_dossiers
    where not is_complete

),

account_guards as (

    select held_guards.*
    from held_guards
    inner join accounts
        on held_guards.account_id = accounts.account_id

)

select * from account_guards
