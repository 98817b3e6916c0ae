-- One row per user_id with fingerprints of what the past of their scores is made of.
-- Days are settled once what arrives late has arrived. What was known of the days that
-- were settled for the last build is told apart, to be compared with what it knew.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

known_users as (

    select * from {{ ref('int_users') }}

),

mapped_users as (

    select * from {{ ref('int_users_mapped_to_accounts') }}

),

daily_usage as (

    select * from {{ ref('daily_usage') }}

),

tickets as (

    select * from {{ ref('stg_support_tickets') }}

),

scored_before as (

    {{ scored_before() }}

),

-- Null when there was no build before.
last_build as (

    select max(settled_on) as settled_on
    from scored_before

),

days as (

    select
        {{ settled_on('as_of.as_of_date') }} as settled_on,
        last_build.settled_on as settled_before
    from as_of
    cross join last_build

),

users as (

    select
        known_users.user_id,
        mapped_users.account_id,
        {{ row_fingerprint([
            'known_users.user_id', 'known_users.department', 'known_users.seniority',
            'known_users.country', 'known_users.created_at', 'mapped_users.is_internal',
        ]) }} as fingerprint,
        known_users.created_on
    from known_users
    inner join mapped_users
        on known_users.user_id = mapped_users.user_id

),

facts as (

    select
        user_id,
        {{ row_fingerprint([
            'workspace_id', 'behaviour', 'behaviour_group', 'feature', 'event_count',
            'behaviour_events', 'group_events', 'usage_events', 'is_premium',
            'counts_as_usage', 'activity_date', 'first_at', 'last_at',
        ]) }} as fingerprint,
        activity_date as known_on,
        case when counts_as_usage then activity_date end as used_on
    from daily_usage
    where user_id is not null
    union all
    select
        user_id,
        {{ row_fingerprint(['topic', 'created_at']) }} as fingerprint,
        cast(created_at as date) as known_on,
        cast(null as date) as used_on
    from tickets

),

user_facts as (

    select
        facts.user_id,
        {{ total(
            'case when facts.known_on <= days.settled_before then facts.fingerprint end'
        ) }} as past_fingerprint,
        {{ total(
            'case when facts.known_on <= days.settled_on then facts.fingerprint end'
        ) }} as settled_fingerprint,
        max(
            case when facts.used_on <= days.settled_before then facts.used_on end
        ) as used_before,
        max(facts.used_on) as last_used_on
    from facts
    cross join days
    group by facts.user_id

),

user_pasts as (

    select
        users.user_id,
        users.account_id,
        case
            when users.created_on <= days.settled_before
                then users.fingerprint + coalesce(user_facts.past_fingerprint, 0)
        end as past_fingerprint,
        case
            when users.created_on <= days.settled_on
                then users.fingerprint + coalesce(user_facts.settled_fingerprint, 0)
        end as settled_fingerprint,
        users.created_on,
        user_facts.used_before,
        user_facts.last_used_on
    from users
    cross join days
    left join user_facts
        on users.user_id = user_facts.user_id

)

select * from user_pasts
