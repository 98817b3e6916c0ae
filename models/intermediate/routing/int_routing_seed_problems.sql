-- One row per problem of a row of a routing seed that cannot mean anything.
with

named_values as (

    select
        'routing_rules' as seed,
        'rule_order ' || cast(rule_order as {{ dbt.type_string() }}) as row_name,
        'motion' as kind,
        coalesce(motion, '(empty)') as name
    from {{ ref('routing_rules') }}
    union all
    select
        'routing_rules' as seed,
        'rule_order ' || cast(rule_order as {{ dbt.type_string() }}) as row_name,
        'axis' as kind,
        value_axis as name
    from {{ ref('routing_rules') }}
    union all
    select
        'routing_rules' as seed,
        'rule_order ' || cast(rule_order as {{ dbt.type_string() }}) as row_name,
        'axis' as kind,
        engagement_axis as name
    from {{ ref('routing_rules') }}
    union all
    select
        'routing_rules' as seed,
        'rule_order ' || cast(rule_order as {{ dbt.type_string() }}) as row_name,
        'segment' as kind,
        segment as name
    from {{ ref('routing_rules') }}
    union all
    select
        'guards' as seed,
        guard as row_name,
        'guard' as kind,
        coalesce(guard, '(empty)') as name
    from {{ ref('guards') }}
    union all
    select
        'guards' as seed,
        guard as row_name,
        'motion' as kind,
        coalesce(fallback_motion, '(empty)') as name
    from {{ ref('guards') }}
    union all
    select
        'account_motion_overrides' as seed,
        account_id as row_name,
        'motion' as kind,
        coalesce(motion, '(empty)') as name
    from {{ ref('account_motion_overrides') }}
    union all
    select
        'trigger_rules' as seed,
        trigger_rules.trigger as row_name,
        'trigger' as kind,
        coalesce(trigger_rules.trigger, '(empty)') as name
    from {{ ref('trigger_rules') }} as trigger_rules
    union all
    select
        'trigger_rules' as seed,
        trigger_rules.trigger as row_name,
        'priority' as kind,
        coalesce(trigger_rules.priority, '(empty)') as name
    from {{ ref('trigger_rules') }} as trigger_rules
    union all
    select
        'onboarding_steps' as seed,
        step as row_name,
        'behaviour' as kind,
        coalesce(behaviour, '(empty)') as name
    from {{ ref('onboarding_steps') }}
    union all
    select
        'talk_tracks' as seed,
        level || ', ' || signal_id as row_name,
        'signal' as kind,
        level || ' ' || signal_id as name
    from {{ ref('talk_tracks') }}
    union all
    select
        'crm_fields' as seed,
        object_type || ', ' || field as row_name,
        'field' as kind,
        coalesce(object_type, '(empty)') || ' ' || coalesce(field, '(empty)') as name
    from {{ ref('crm_fields') }}

),

known_names as (

    select
        'motion' as kind,
        motion as name
    from {{ ref('motions') }}
    union all
    select
        'priority' as kind,
        priority as name
    from {{ ref('sales_priorities') }}
    union all
    select
        'behaviour' as kind,
        behaviour as name
    from {{ ref('behaviours') }}
    union all
    select
        'segment' as kind,
        segment as name
    from {{ ref('segments') }}
    union all
    select
        'signal' as kind,
        level || ' ' || signal_id as name
    from {{ ref('signals') }}
    group by level, signal_id
    {% for kind, names in {
        'axis': ['high', 'low'],
        'guard': [
            'converting', 'before_activation', 'too_early', 'backed_off',
            'open_opportunity', 'opted_out', 'suppressed', 'competitor', 'holdout',
            'no_context',
        ],
        'trigger': [
            'enterprise_requested', 'near_limit_with_team', 'billing_asked',
            'users_tripled', 'pricing_and_security_viewed', 'user_hot',
            'new_users_week', 'pricing_viewed_no_upgrade', 'icp_departments',
            'upgrade_abandoned', 'workspaces_doubled', 'limit_approaching',
            'user_warm', 'single_hot_user', 'growth_4_weeks',
            'funded_or_hiring_and_growing',
        ],
    }.items() %}
    {% for name in names %}
    union all
    select
        '{{ kind }}' as kind,
        '{{ name }}' as name
    {% endfor %}
    {% endfor %}
    {% for object_type in ['account', 'contact', 'task'] %}
    {% for field in crm_payload(object_type) %}
    union all
    select
        'field' as kind,
        '{{ object_type }} {{ field }}' as name
    {% endfor %}
    {% endfor %}

),

unknown_names as (

    select
        named_values.seed,
        coalesce(named_values.row_name, '(no name)') as row_name,
        'unknown ' || named_values.kind || ' ' || named_values.name as problem,
        'use a name that is known: see the description of the seed' as mend
    from named_values
    left join known_names
        on
            named_values.kind = known_names.kind
            and named_values.name = known_names.name
    where named_values.name is not null and known_names.name is null

),

-- What must stand in one row alone.
keys as (

    select
        'plans' as seed,
        plan as row_name
    from {{ ref('plans') }}
    union all
    select
        'sales_reps' as seed,
        rep_id as row_name
    from {{ ref('sales_reps') }}
    union all
    select
        'motions' as seed,
        motion as row_name
    from {{ ref('motions') }}
    union all
    select
        'guards' as seed,
        guard as row_name
    from {{ ref('guards') }}
    union all
    select
        'sales_priorities' as seed,
        priority as row_name
    from {{ ref('sales_priorities') }}
    union all
    select
        'trigger_rules' as seed,
        trigger_rules.trigger as row_name
    from {{ ref('trigger_rules') }} as trigger_rules
    union all
    select
        'crm_fields' as seed,
        object_type || ', ' || field as row_name
    from {{ ref('crm_fields') }}
    union all
    select
        'talk_tracks' as seed,
        coalesce(level || ', ' || signal_id, 'for all others') as row_name
    from {{ ref('talk_tracks') }}
    union all
    select
        'experiments' as seed,
        experiment_id as row_name
    from {{ ref('experiments') }}

),

repeated_keys as (

    select
        seed,
        coalesce(row_name, '(empty)') as row_name,
        'stands ' || cast(count(*) as {{ dbt.type_string() }}) || ' times' as problem,
        'keep one of the rows' as mend
    from keys
    group by seed, coalesce(row_name, '(empty)')
    having count(*) > 1

),

odd_numbers as (

    select
        'sales_reps' as seed,
        coalesce(rep_id, '(empty)') as row_name,
        'weekly_capacity is empty or below 0' as problem,
        'give how many new accounts a week the rep can take, 0 for none' as mend
    from {{ ref('sales_reps') }}
    where coalesce(weekly_capacity, -1) < 0
    union all
    select
        'plans' as seed,
        coalesce(plan, '(empty)') as row_name,
        'rank or seat_price_usd_month is empty, or the price is below 0' as problem,
        'give both' as mend
    from {{ ref('plans') }}
    where rank is null or coalesce(seat_price_usd_month, -1) < 0
    union all
    select
        'experiments' as seed,
        coalesce(experiment_id, '(empty)') as row_name,
        'holdout_share is not from 0 to 1, or starts_on is empty' as problem,
        'give a share such as 0.1 and the first day' as mend
    from {{ ref('experiments') }}
    where
        starts_on is null
        or coalesce(holdout_share, -1) < 0
        or holdout_share > 1

),

seed_problems as (

    select * from unknown_names
    union all
    select * from repeated_keys
    union all
    select * from odd_numbers

)

select * from seed_problems
