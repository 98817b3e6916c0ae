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

accounts as (

    select
        account_id,
        is_internal
    from users
    group by account_id, is_internal

),

-- An account is active on a day when a user of it was in the 30 days up to it.
active_stretches as (

    select
        account_measures.account_id,
        greatest(account_measures.counts_from, restarts.rewritten_from) as starts_on,
        {{ add_days('account_measures.measured_on', 'activity_window.until_days') }}
            as ends_on
    from account_measures
    cross join activity_window
    inner join restarts
        on
            restarts.level = 'account'
            and account_measures.account_id = restarts.entity_id
    where
        {{ add_days('account_measures.measured_on', 'activity_window.until_days') }}
        > greatest(account_measures.counts_from, restarts.rewritten_from)

),

joined_stretches as (

    {{ joined_stretches('active_stretches', 'account_id') }}

),

bounded_stretches as (

    select
        joined_stretches.account_id,
        joined_stretches.starts_on as as_of_date,
        least({{ add_days('joined_stretches.ends_on', -1) }}, as_of.as_of_date)
            as valid_until
    from joined_stretches
    cross join as_of
    where joined_stretches.starts_on <= as_of.as_of_date

),

active_days as (

    {{ each_day('bounded_stretches', ['account_id']) }}

),

past_days as (

    select
        account_id,
        as_of_date
    from active_days
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
