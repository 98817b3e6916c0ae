-- One row per account_id that is not internal: motion, reason, owner, deadline, guards.
-- Accounts in a sales motion are handed out one after the other, the best first, each
-- to the rep with the most room; who finds none waits. Same input, same owners.
with recursive

as_of as (

    select
        as_of_date,
        {{ add_days('as_of_date', -6) }} as week_from
    from {{ ref('int_as_of_date') }}

),

motions as (

    select * from {{ ref('account_motions') }}

),

accounts as (

    select * from {{ ref('accounts') }}

),

account_values as (

    select * from {{ ref('account_values') }}

),

account_crm as (

    select * from {{ ref('int_account_crm') }}

),

pqa_scores as (

    select * from {{ ref('pqa_scores') }}
    where score_model = '{{ var("active_score_model") }}'

),

sales_triggers as (

    select * from {{ ref('sales_triggers') }}

),

priorities as (

    select * from {{ ref('sales_priorities') }}

),

acknowledged as (

    select
        object_key as account_id,
        {{ json_value('payload', "'owner_id'") }} as owner_id
    from {{ ref('crm_acknowledged') }}
    where object_type = 'account'

),

reps as (

    select
        rep_id,
        segments,
        regions,
        weekly_capacity
    from {{ ref('sales_reps') }}
    where is_active

),

-- A trigger calls for action until somebody of sales has written since, or for so long.
open_triggers as (

    select
        sales_triggers.account_id,
        sales_triggers.trigger,
        priorities.priority,
        priorities.priority_rank,
        sales_triggers.triggered_on,
        {{ add_days('sales_triggers.triggered_on', 'priorities.due_days') }} as due_by
    from sales_triggers
    cross join as_of
    inner join priorities
        on
            sales_triggers.priority = priorities.priority
            and priorities.calls_for_action
    left join account_crm
        on sales_triggers.account_id = account_crm.account_id
    where
        {{ days_between('sales_triggers.triggered_on', 'as_of.as_of_date') }}
        < {{ var('back_off_days') }}
        and (
            account_crm.last_touched_at is null
            or sales_triggers.triggered_on
            > cast(account_crm.last_touched_at as date)
        )

),

-- The most pressing, and of these the one that is due first.
ranked_triggers as (

    select
        *,
        row_number() over (
            partition by account_id
            order by priority_rank, due_by, trigger
        ) as trigger_rank
    from open_triggers

),

ranked_priorities as (

    select
        priority,
        priority_rank,
        due_days,
        row_number() over (order by priority_rank desc, priority) as low_rank
    from priorities

),

lowest_priority as (

    select * from ranked_priorities
    where low_rank = 1

),

sales_accounts as (

    select
        motions.account_id,
        accounts.segment,
        coalesce(account_crm.region, accounts.country) as region,
        account_crm.region as crm_region,
        accounts.country,
        motions.entered_on,
        coalesce(ranked_triggers.priority, lowest_priority.priority) as priority,
        coalesce(ranked_triggers.priority_rank, lowest_priority.priority_rank)
            as priority_rank,
        ranked_triggers.trigger,
        coalesce(
            ranked_triggers.due_by,
            {{ add_days('motions.entered_on', 'lowest_priority.due_days') }}
        ) as due_by,
        pqa_scores.score,
        ranked_triggers.account_id is not null
        or (
            {{ days_between('motions.entered_on', 'as_of.as_of_date') }}
            < {{ var('back_off_days') }}
            and (
                account_crm.last_touched_at is null
                or cast(account_crm.last_touched_at as date) < motions.entered_on
            )
        ) as is_due,
        coalesce(
            reps_by_hand.rep_id, reps_of_crm.rep_id, reps_acknowledged.rep_id
        ) as kept_by
    from motions
    cross join as_of
    cross join lowest_priority
    inner join accounts
        on motions.account_id = accounts.account_id
    inner join pqa_scores
        on motions.account_id = pqa_scores.account_id
    left join ranked_triggers
        on
            motions.account_id = ranked_triggers.account_id
            and ranked_triggers.trigger_rank = 1
    left join account_crm
        on motions.account_id = account_crm.account_id
    left join acknowledged
        on motions.account_id = acknowledged.account_id
    left join reps as reps_by_hand
        on motions.owner_by_hand = reps_by_hand.rep_id
    left join reps as reps_of_crm
        on account_crm.owner_id = reps_of_crm.rep_id
    left join reps as reps_acknowledged
        on acknowledged.owner_id = reps_acknowledged.rep_id
    where motions.is_sales_motion

),

-- Whoever was written to since the last trigger waits for the next.
queued_accounts as (

    select
        *,
        cast(
            row_number() over (
                order by priority_rank, score desc, account_id
            ) as {{ dbt.type_bigint() }}
        ) as queue_position
    from sales_accounts
    where is_due

),

-- Whom a rep may get: an account that has an owner stays there, even with one who takes
-- nothing new. Where nobody knows the region of an account, any will do.
coverage as (

    select
        queued_accounts.account_id,
        queued_accounts.queue_position,
        reps.rep_id,
        reps.weekly_capacity
    from queued_accounts
    cross join as_of
    inner join reps
        on
            queued_accounts.kept_by = reps.rep_id
            or (
                queued_accounts.kept_by is null
                and reps.weekly_capacity > 0
                and (
                    reps.segments is null
                    or {{ dbt.position(
                        "'|' || queued_accounts.segment || '|'",
                        "'|' || reps.segments || '|'"
                    ) }} > 0
                )
                and (
                    reps.regions is null
                    or queued_accounts.region is null
                    or {{ dbt.position(
                        "'|' || coalesce(queued_accounts.crm_region, '') || '|'",
                        "'|' || reps.regions || '|'"
                    ) }} > 0
                    or {{ dbt.position(
                        "'|' || coalesce(queued_accounts.country, '') || '|'",
                        "'|' || reps.regions || '|'"
                    ) }} > 0
                )
            )
    -- What a rep has since before this week takes none of its room.
    where
        queued_accounts.kept_by is null
        or queued_accounts.entered_on >= as_of.week_from

),

covered_accounts as (

    select
        account_id,
        queue_position,
        {{ dbt.listagg('rep_id', "'|'", 'order by rep_id') }} as rep_ids,
        sum(weekly_capacity) as capacity
    from coverage
    group by account_id, queue_position

),

-- Nobody behind as many others as the same reps have room for can still be lucky.
ranked_accounts as (

    select
        *,
        row_number() over (
            partition by rep_ids order by queue_position
        ) as place
    from covered_accounts

),

turns as (

    select
        account_id,
        row_number() over (order by queue_position) as turn
    from ranked_accounts
    where place <= capacity

),

offers as (

    select
        turns.turn,
        turns.account_id,
        reps.rep_id,
        reps.weekly_capacity,
        case when coverage.rep_id is null then 0 else 1 end as covers
    from turns
    cross join reps
    left join coverage
        on
            turns.account_id = coverage.account_id
            and reps.rep_id = coverage.rep_id
    where reps.weekly_capacity > 0

),

handed_out{{ recursive_columns(
    ['turn', 'account_id', 'rep_id', 'assigned', 'is_chosen']
) }} as (

    {{ hand_out('offers', 'handed_out') }}

),

owners as (

    select
        account_id,
        rep_id
    from handed_out
    where is_chosen = 1

),

account_routing as (

    select
        motions.account_id,
        case
            when motions.is_sales_motion
                then coalesce(owners.rep_id, sales_accounts.kept_by)
            when motions.motion = 'existing_opportunity'
                then coalesce(motions.owner_by_hand, account_crm.owner_id)
        end as owner_id,
        motions.motion,
        motions.wanted_motion,
        motions.play,
        motions.value_axis,
        motions.engagement_axis,
        motions.decided_by,
        motions.reason,
        motions.guards,
        case
            when
                motions.motion = 'existing_opportunity'
                and coalesce(motions.owner_by_hand, account_crm.owner_id) is not null
                then 'with_owner'
            when motions.motion = 'existing_opportunity' then 'no_rep'
            when not motions.is_sales_motion then 'not_routed'
            when queued_accounts.account_id is null then 'nothing_due'
            when owners.rep_id is not null then 'assigned'
            when
                queued_accounts.kept_by is not null
                and queued_accounts.entered_on < as_of.week_from
                then 'assigned'
            when covered_accounts.account_id is null then 'no_rep'
            else 'waiting_for_capacity'
        end as status,
        queued_accounts.priority,
        queued_accounts.trigger,
        sales_accounts.region,
        motions.rule_order,
        queued_accounts.queue_position,
        pqa_scores.score,
        account_values.estimated_acv_usd,
        motions.is_sales_motion,
        owners.rep_id is not null as takes_capacity,
        motions.entered_on,
        queued_accounts.due_by,
        as_of.as_of_date
    from motions
    cross join as_of
    inner join account_values
        on motions.account_id = account_values.account_id
    inner join pqa_scores
        on motions.account_id = pqa_scores.account_id
    left join account_crm
        on motions.account_id = account_crm.account_id
    left join sales_accounts
        on motions.account_id = sales_accounts.account_id
    left join queued_accounts
        on motions.account_id = queued_accounts.account_id
    left join covered_accounts
        on motions.account_id = covered_accounts.account_id
    left join owners
        on motions.account_id = owners.account_id

)

select * from account_routing
