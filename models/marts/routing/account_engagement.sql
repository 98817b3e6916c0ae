-- One row per account_id that is not internal, with its engagement axis.
-- The axis is steady: high from the day the account qualifies, until it has been below
-- the threshold by more than a margin for some days in a row. It is read from the
-- history, so it is the same whichever days were built.
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

pqa_scores as (

    select * from {{ ref('pqa_scores') }}
    where score_model = '{{ var("active_score_model") }}'

),

score_history as (

    select * from {{ ref('pqa_score_history') }}
    where score_model = '{{ var("active_score_model") }}'

),

hand_raises as (

    select * from {{ ref('int_hand_raises') }}

),

activations as (

    select
        account_id,
        min(
            case
                when activated_at < created_at then cast(created_at as date)
                else cast(activated_at as date)
            end
        ) as activated_on
    from users
    where activated_at is not null
    group by account_id

),

raised_stretches as (

    select
        account_id,
        raised_on as starts_on,
        counts_until as ends_on
    from hand_raises

),

joined_stretches as (

    {{ joined_stretches('raised_stretches', 'account_id') }}

),

judged_days as (

    select
        score_history.account_id,
        score_history.as_of_date,
        coalesce(
            score_history.engagement_score >= {{ var('engagement_threshold') }}
            and activations.activated_on <= score_history.as_of_date
            and (
                score_history.active_users_30d >= {{ var('engagement_active_users') }}
                or joined_stretches.account_id is not null
            ),
            false
        ) as is_entry,
        score_history.engagement_score
        >= {{ var('engagement_threshold') - var('exit_margin') }} as is_kept
    from score_history
    left join activations
        on score_history.account_id = activations.account_id
    left join joined_stretches
        on
            score_history.account_id = joined_stretches.account_id
            and score_history.as_of_date >= joined_stretches.starts_on
            and score_history.as_of_date < joined_stretches.ends_on

),

-- Days without a row are days without use: they are below.
kept_days as {{ not_materialized() }} (

    select
        account_id,
        as_of_date,
        is_entry
    from judged_days
    where is_entry or is_kept

),

followed_days as (

    select
        account_id,
        as_of_date,
        lag(as_of_date) over (
            partition by account_id order by as_of_date
        ) as day_before
    from kept_days

),

last_starts as (

    select
        account_id,
        max(as_of_date) as started_on
    from followed_days
    where
        day_before is null
        or {{ days_between('day_before', 'as_of_date') }}
        > {{ var('exit_streak_days') }}
    group by account_id

),

last_stays as (

    select
        kept_days.account_id,
        min(case when kept_days.is_entry then kept_days.as_of_date end)
            as engaged_since,
        max(kept_days.as_of_date) as last_kept_on
    from kept_days
    inner join last_starts
        on
            kept_days.account_id = last_starts.account_id
            and kept_days.as_of_date >= last_starts.started_on
    group by kept_days.account_id

),

current_hand_raises as (

    select
        hand_raises.account_id,
        min(hand_raises.raised_on) as raised_on
    from hand_raises
    cross join as_of
    where hand_raises.counts_until > as_of.as_of_date
    group by hand_raises.account_id

),

account_engagement as (

    select
        accounts.account_id,
        case
            when
                last_stays.engaged_since is not null
                and {{ days_between('last_stays.last_kept_on', 'as_of.as_of_date') }}
                < {{ var('exit_streak_days') }}
                then 'high'
            else 'low'
        end as engagement_axis,
        coalesce(pqa_scores.engagement_score, 0) as engagement_score,
        accounts.active_users_30d,
        activations.activated_on is not null as is_activated,
        current_hand_raises.raised_on is not null as has_hand_raiser,
        case
            when
                {{ days_between('last_stays.last_kept_on', 'as_of.as_of_date') }}
                < {{ var('exit_streak_days') }}
                then last_stays.engaged_since
        end as engaged_since,
        activations.activated_on,
        current_hand_raises.raised_on as hand_raised_on
    from accounts
    cross join as_of
    left join pqa_scores
        on accounts.account_id = pqa_scores.account_id
    left join activations
        on accounts.account_id = activations.account_id
    left join last_stays
        on accounts.account_id = last_stays.account_id
    left join current_hand_raises
        on accounts.account_id = current_hand_raises.account_id

)

select * from account_engagement
