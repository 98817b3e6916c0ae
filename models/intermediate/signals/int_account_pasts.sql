-- One row per account_id with what its past is made of and from when it is rewritten.
-- Where that is what it was for the last build, and scores are made as they were then,
-- the scores of the days settled then stand; else all days kept are scored anew.
{{
    config(
        post_hook=['{{ forget_changed_pasts() }}', '{{ forget_days_before() }}']
    )
}}

with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

user_pasts as (

    select * from {{ ref('int_user_pasts') }}

),

account_companies as (

    select * from {{ ref('int_account_companies') }}

),

account_limits as (

    select * from {{ ref('int_account_limits') }}

),

scored_before as (

    {{ scored_before() }}

),

last_build as (

    select max(settled_on) as settled_on
    from scored_before

),

days as (

    select
        as_of.as_of_date,
        {{ add_days('as_of.as_of_date', 1 - history_days()) }} as first_on,
        {{ settled_on('as_of.as_of_date') }} as settled_on,
        last_build.settled_on as settled_before
    from as_of
    cross join last_build

),

-- A company is taken for what it is now, as if that had always been known.
account_facts as (

    select
        account_id,
        {{ row_fingerprint([
            'last_funded_on', 'open_relevant_roles', 'employee_count',
            'is_target_industry', 'is_icp', 'is_enterprise_domain',
        ]) }} as fingerprint,
        cast('1900-01-01' as date) as known_on
    from account_companies
    union all
    select
        account_id,
        {{ row_fingerprint(['limit_utilisation', 'as_of_date']) }} as fingerprint,
        as_of_date as known_on
    from account_limits

),

facts as (

    select
        account_id,
        past_fingerprint,
        settled_fingerprint
    from user_pasts
    union all
    select
        account_facts.account_id,
        case
            when account_facts.known_on <= days.settled_before
                then account_facts.fingerprint
        end as past_fingerprint,
        case
            when account_facts.known_on <= days.settled_on
                then account_facts.fingerprint
        end as settled_fingerprint
    from account_facts
    cross join days

),

pasts as (

    select
        account_id,
        coalesce({{ total('past_fingerprint') }}, 0) as past_fingerprint,
        coalesce({{ total('settled_fingerprint') }}, 0) as settled_fingerprint
    from facts
    group by account_id

),

accounts as (

    select account_id
    from user_pasts
    group by account_id

),

account_pasts as (

    select
        accounts.account_id,
        pasts.settled_fingerprint as past_fingerprint,
        '{{ rules_fingerprint() }}' as rules_fingerprint,
        days.first_on,
        days.settled_on,
        case
            when
                scored_before.past_fingerprint = pasts.past_fingerprint
                and scored_before.rules_fingerprint = '{{ rules_fingerprint() }}'
                and scored_before.first_on <= days.first_on
                and scored_before.settled_on > days.first_on
                and scored_before.settled_on < days.as_of_date
                then scored_before.settled_on
            else days.first_on
        end as rewritten_from
    from accounts
    cross join days
    inner join pasts
        on accounts.account_id = pasts.account_id
    left join scored_before
        on accounts.account_id = scored_before.account_id

)

select * from account_pasts
