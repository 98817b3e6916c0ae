-- One row per account_id that is not internal, with its motion and why.
-- The first rule that matches says what is wanted; a guard turns a sales motion into
-- its fallback; a decision by hand wins over all but an opt-out.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

accounts as (

    select * from {{ ref('accounts') }}
    where not is_internal

),

account_metrics as (

    select * from {{ ref('account_metrics') }}

),

account_values as (

    select * from {{ ref('account_values') }}

),

account_engagement as (

    select * from {{ ref('account_engagement') }}

),

account_guards as (

    select * from {{ ref('account_guards') }}

),

routing_rules as (

    select * from {{ ref('routing_rules') }}

),

guards as (

    select * from {{ ref('guards') }}

),

motions as (

    select * from {{ ref('motions') }}

),

motion_overrides as (

    select
        {{ listed_account('account_id') }} as account_id,
        motion,
        owner,
        until
    from {{ ref('account_motion_overrides') }}

),

facts as (

    select
        accounts.account_id,
        accounts.segment,
        account_values.value_axis,
        account_engagement.engagement_axis,
        account_values.estimated_acv_usd,
        accounts.is_paying,
        account_engagement.has_hand_raiser,
        account_metrics.security_views_30d > 0
        or account_metrics.enterprise_requests_90d > 0 as has_procurement_signals,
        account_engagement.engaged_since,
        account_engagement.hand_raised_on
    from accounts
    inner join account_metrics
        on accounts.account_id = account_metrics.account_id
    inner join account_values
        on accounts.account_id = account_values.account_id
    inner join account_engagement
        on accounts.account_id = account_engagement.account_id

),

matching_rules as (

    select
        facts.account_id,
        routing_rules.rule_order,
        routing_rules.motion,
        routing_rules.reason,
        row_number() over (
            partition by facts.account_id
            order by routing_rules.rule_order, routing_rules.motion
        ) as rule_rank
    from facts
    inner join routing_rules
        on
            (
                routing_rules.value_axis is null
                or facts.value_axis = routing_rules.value_axis
            )
            and (
                routing_rules.engagement_axis is null
                or facts.engagement_axis = routing_rules.engagement_axis
            )
            and (
                routing_rules.segment is null
                or facts.segment = routing_rules.segment
            )
            and (
                routing_rules.estimated_acv_above_usd is null
                or facts.estimated_acv_usd > routing_rules.estimated_acv_above_usd
            )
            and (
                routing_rules.has_hand_raiser is null
                or facts.has_hand_raiser = routing_rules.has_hand_raiser
            )
            and (
                routing_rules.has_procurement_signals is null
                or facts.has_procurement_signals
                = routing_rules.has_procurement_signals
            )

),

-- What no rule speaks of is left alone.
wanted_motions as (

    select
        facts.*,
        matching_rules.rule_order,
        coalesce(matching_rules.motion, 'self_serve') as wanted_motion,
        coalesce(matching_rules.reason, 'No rule speaks of it') as rule_reason,
        coalesce(motions.is_sales, false) as is_sales_wanted
    from facts
    left join matching_rules
        on
            facts.account_id = matching_rules.account_id
            and matching_rules.rule_rank = 1
    left join motions
        on matching_rules.motion = motions.motion

),

current_overrides as (

    select
        motion_overrides.account_id,
        motion_overrides.motion,
        motion_overrides.owner,
        motion_overrides.until,
        row_number() over (
            partition by motion_overrides.account_id
            order by
                coalesce(motion_overrides.until, cast('9999-12-31' as date)) desc,
                motion_overrides.motion
        ) as override_rank
    from motion_overrides
    cross join as_of
    where
        motion_overrides.until is null
        or motion_overrides.until >= as_of.as_of_date

),

decided_by_hand as (

    select
        current_overrides.*,
        motions.is_sales
    from current_overrides
    inner join motions
        on current_overrides.motion = motions.motion
    where current_overrides.override_rank = 1

),

listed_guards as (

    select
        account_guards.account_id,
        {{ dbt.listagg(
            'account_guards.guard', "', '", 'order by guards.guard_order, guards.guard'
        ) }} as guards,
        max(
            case when account_guards.guard = 'opted_out' then 1 else 0 end
        ) = 1 as is_opted_out
    from account_guards
    inner join guards
        on account_guards.guard = guards.guard
    group by account_guards.account_id

),

-- Of the guards that have a say, the first by order tells what is done instead.
deciding_guards as (

    select
        account_guards.account_id,
        guards.guard,
        guards.fallback_motion,
        guards.description,
        account_guards.evidence,
        row_number() over (
            partition by account_guards.account_id
            order by guards.guard_order, guards.guard
        ) as guard_rank
    from account_guards
    inner join guards
        on account_guards.guard = guards.guard
    inner join wanted_motions
        on account_guards.account_id = wanted_motions.account_id
    left join decided_by_hand
        on account_guards.account_id = decided_by_hand.account_id
    where
        wanted_motions.is_sales_wanted
        or coalesce(decided_by_hand.is_sales, false)
        or guards.overrules_every_motion

),

decided_motions as (

    select
        wanted_motions.*,
        listed_guards.guards,
        case
            when
                decided_by_hand.account_id is not null
                and not (
                    decided_by_hand.is_sales
                    and coalesce(listed_guards.is_opted_out, false)
                )
                then 'hand'
            when deciding_guards.guard is not null then 'guard'
            else 'rule'
        end as decided_by,
        decided_by_hand.motion as motion_by_hand,
        decided_by_hand.owner as owner_by_hand,
        decided_by_hand.until as by_hand_until,
        deciding_guards.fallback_motion,
        deciding_guards.description as guard_description,
        deciding_guards.evidence as guard_evidence
    from wanted_motions
    left join listed_guards
        on wanted_motions.account_id = listed_guards.account_id
    left join decided_by_hand
        on wanted_motions.account_id = decided_by_hand.account_id
    left join deciding_guards
        on
            wanted_motions.account_id = deciding_guards.account_id
            and deciding_guards.guard_rank = 1

),

final_motions as (

    select
        *,
        case decided_by
            when 'hand' then motion_by_hand
            when 'guard' then fallback_motion
            else wanted_motion
        end as motion
    from decided_motions

),

account_motions as (

    select
        final_motions.account_id,
        final_motions.motion,
        final_motions.wanted_motion,
        case
            when final_motions.is_paying then 'expansion' else 'new_business'
        end as play,
        final_motions.value_axis,
        final_motions.engagement_axis,
        final_motions.decided_by,
        case final_motions.decided_by
            when 'hand'
                then
                    'Decided by hand'
                    || coalesce(
                        ' until '
                        || cast(
                            final_motions.by_hand_until as {{ dbt.type_string() }}
                        ),
                        ''
                    )
            when 'guard'
                then
                    final_motions.guard_description || ' ('
                    || final_motions.guard_evidence || ')'
            else final_motions.rule_reason
        end as reason,
        final_motions.guards,
        final_motions.owner_by_hand,
        final_motions.rule_order,
        final_motions.has_hand_raiser,
        final_motions.has_procurement_signals,
        motions.is_sales as is_sales_motion,
        case
            when motions.is_sales
                then coalesce(
                    final_motions.engaged_since,
                    final_motions.hand_raised_on,
                    as_of.as_of_date
                )
        end as entered_on
    from final_motions
    cross join as_of
    inner join motions
        on final_motions.motion = motions.motion

)

select * from account_motions
