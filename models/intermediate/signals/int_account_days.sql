-- One row per account_id and day scored: as_of_date, and earlier days while active.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

restarts as (

    select * from {{ ref('int_score_restarts') }}

),

users as (

    select * from {{ ref('int_users_mapped_to_accounts') }}

),

account_measures as (

    select * from {{ ref('int_account_measures') }}
    where measure = 'usage'

),

activity_window as (

    select until_days
    from {{ ref('int_metric_measures') }}
    where
        level = 'account'
        and metric = 'active_days_30d'
        and measure = 'usage'

),

days_back as (

    {{ number_series(history_days()) }}

),

accounts as (

    select
        account_id,
        is_internal
    from users
    group by account_id, is_internal

),

days as (

    select {{ add_days('as_of.as_of_date', '-days_back.n') }} as as_of_date
    from as_of
    cross join days_back

),

-- An account is active on a day when a user of it was in the 30 days up to it.
active_stretches as (

    select
        account_measures.account_id,
        account_measures.counts_from as starts_on,
        max(
            {{ add_days('account_measures.measured_on', 'activity_window.until_days') }}
        ) as ends_on
    from account_measures
    cross join activity_window
    inner join restarts
        on
            restarts.level = 'account'
            and account_measures.account_id = restarts.entity_id
    where
        {{ add_days('account_measures.measured_on', 'activity_window.until_days') }}
        > restarts.rewritten_from
    group by account_measures.account_id, account_measures.counts_from

),

past_days as (

    select
        active_stretches.account_id,
        days.as_of_date
    from active_stretches
    inner join restarts
        on
            restarts.level = 'account'
            and active_stretches.account_id = restarts.entity_id
    inner join days
        on
            active_stretches.starts_on <= days.as_of_date
            and active_stretches.ends_on > days.as_of_date
            and restarts.rewritten_from <= days.as_of_date
    group by active_stretches.account_id, days.as_of_date
    union distinct
    select
        account_id,
        compared_on as as_of_date
    from restarts
    where compared_on is not null

),

account_days as (

    select
        accounts.account_id,
        as_of.as_of_date
    from accounts
    cross join as_of
    union distinct
    select
        past_days.account_id,
        past_days.as_of_date
    from past_days
    inner join accounts
        on past_days.account_id = accounts.account_id
    where not accounts.is_internal

)

select * from account_days
