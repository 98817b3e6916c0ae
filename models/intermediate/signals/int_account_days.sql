-- One row per account_id and day scored: as_of_date, and earlier days while active.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

users as (

    select * from {{ ref('int_users_mapped_to_accounts') }}

),

contributions as (

    select * from {{ ref('int_metric_contributions') }}

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
past_days as (

    select
        contributions.entity_id as account_id,
        days.as_of_date
    from contributions
    inner join days
        on
            contributions.starts_on <= days.as_of_date
            and contributions.ends_on > days.as_of_date
    where
        contributions.level = 'account'
        and contributions.metric = 'active_days_30d'
    group by contributions.entity_id, days.as_of_date

),

scored_days as (

    select
        accounts.account_id,
        as_of.as_of_date
    from accounts
    cross join as_of
    union all
    select
        past_days.account_id,
        past_days.as_of_date
    from past_days
    inner join accounts
        on past_days.account_id = accounts.account_id
    where not accounts.is_internal

),

account_days as (

    select
        account_id,
        as_of_date
    from scored_days
    group by account_id, as_of_date

)

select * from account_days
