-- One row per problem of a row of a seed that cannot mean anything.
{%- set named = [
    ('routing_rules', 'rule_order', 'motion', "coalesce(motion, '(empty)')"),
    ('routing_rules', 'rule_order', 'axis', 'value_axis'),
    ('routing_rules', 'rule_order', 'axis', 'engagement_axis'),
    ('routing_rules', 'rule_order', 'segment', 'segment'),
    ('guards', 'guard', 'guard', "coalesce(guard, '(empty)')"),
    ('guards', 'guard', 'motion', "coalesce(fallback_motion, '(empty)')"),
    ('account_motion_overrides', 'account_id', 'motion', "coalesce(motion, '(empty)')"),
    (
        'account_motion_overrides', 'account_id', 'rep',
        'case when until is null then owner end',
    ),
    ('sales_reps', 'rep_id', 'role', 'role'),
    ('trigger_rules', 'trigger', 'trigger', "coalesce(trigger, '(empty)')"),
    ('trigger_rules', 'trigger', 'priority', "coalesce(priority, '(empty)')"),
    ('onboarding_steps', 'step', 'behaviour', "coalesce(behaviour, '(empty)')"),
    (
        'metric_benchmarks', 'metric_id', 'metric',
        "case when metric_id like 'pql_to_close_rate_%' then 'pql_to_close_rate_%'"
        ~ " else coalesce(metric_id, '(empty)') end",
    ),
    ('metric_benchmarks', 'metric_id', 'formula', "coalesce(formula, '(empty)')"),
    ('metric_benchmarks', 'metric_id', 'part', "coalesce(segment, '(empty)')"),
    ('readiness_answers', 'question_id', 'question', "coalesce(question_id, '(empty)')"),
    (
        'readiness_answers', 'question_id', 'answer',
        "lower(coalesce(answer, '(empty)'))",
    ),
    (
        'onboarding_track_steps', "track || ', ' || step", 'track',
        "coalesce(track, '(empty)')",
    ),
    (
        'onboarding_track_steps', "track || ', ' || step", 'way',
        "coalesce(behaviour, '(empty)')",
    ),
    (
        'talk_tracks', "level || ', ' || signal_id", 'signal',
        "level || ' ' || signal_id",
    ),
    (
        'crm_fields', "object_type || ', ' || field", 'field',
        "coalesce(object_type, '(empty)') || ' ' || coalesce(field, '(empty)')",
    ),
] %}
{#- The rates of closing may be of any window. An override that ends is over by itself.
    A rep who covers all three segments needs to name none. -#}
{%- for place in [1, 2, 3] -%}
    {%- do named.append((
        'sales_reps', 'rep_id', 'segment',
        'nullif(' ~ dbt.split_part('segments', "'|'", place) ~ ", '')",
    )) -%}
{%- endfor -%}
{%- set listed = {
    'rep': ('sales_reps', 'rep_id'),
    'motion': ('motions', 'motion'),
    'priority': ('sales_priorities', 'priority'),
    'behaviour': ('behaviours', 'behaviour'),
    'segment': ('segments', 'segment'),
    'part': ('segments', 'segment'),
    'way': ('behaviours', 'behaviour'),
    'question': ('readiness_questions', 'question_id'),
    'signal': ('signals', "level || ' ' || signal_id"),
} %}
{%- set unique = [
    ('plans', 'plan'), ('sales_reps', 'rep_id'), ('motions', 'motion'),
    ('guards', 'guard'), ('sales_priorities', 'priority'),
    ('trigger_rules', 'trigger'), ('experiments', 'experiment_id'),
    ('crm_fields', "object_type || ', ' || field"),
    ('metric_benchmarks', "metric_id || ', ' || segment"),
    ('readiness_questions', 'question_id'), ('readiness_answers', 'question_id'),
    ('onboarding_track_steps', "track || ', ' || step"),
    ('talk_tracks', "coalesce(level || ', ' || signal_id, 'for all others')"),
    (
        'routing_rules',
        "'rule_order ' || cast(rule_order as " ~ dbt.type_string() ~ ')',
    ),
] %}
{#- What is compared with raw text, which has no spaces around it. -#}
{%- set compared = [
    ('account_overrides', 'match_value'), ('competitor_domains', 'domain'),
    ('domain_aliases', 'alias_domain'), ('domain_aliases', 'domain'),
    ('event_catalog', 'event_name'), ('internal_domains', 'domain'),
    ('personal_domains', 'domain'), ('suppressions', 'account_id'),
] %}
with

named_values as (

    {% for seed, row_name, kind, name in named %}
    select
        '{{ seed }}' as seed,
        {% if row_name == 'rule_order' -%}
        'rule_order ' || cast(rule_order as {{ dbt.type_string() }}) as row_name,
        {% else -%}
        {{ row_name }} as row_name,
        {% endif -%}
        '{{ kind }}' as kind,
        {{ name }} as name
    from {{ ref(seed) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

known_names as (

    {% for kind, (seed, name) in listed.items() %}
    select
        '{{ kind }}' as kind,
        {{ name }} as name
    from {{ ref(seed) }}
    group by {{ name }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
    {% for kind, names in {
        'axis': ['high', 'low'],
        'answer': ['yes', 'no'],
        'part': ['all'],
        'way': ['paid'],
        'track': ['individual', 'small_team', 'mid_market', 'enterprise'],
        'role': ['sdr', 'ae', 'pls'],
        'metric': [
            'pql_volume', 'pqa_volume', 'pql_to_sql_rate', 'pql_to_opportunity_rate',
            'pql_to_close_rate_%', 'free_to_paid_rate',
            'sales_assisted_conversion_rate', 'time_from_signup_to_first_touch',
            'time_to_close', 'sales_cycle_vs_outbound', 'average_deal_size',
            'average_deal_size_sales_assisted', 'average_deal_size_self_serve',
            'deal_size_pql_vs_mql', 'time_to_close_pql_vs_mql',
            'sales_assisted_revenue_share', 'product_sourced_pipeline_share',
            'expansion_revenue_share', 'incremental_revenue', 'usage_after_first_touch',
            'activation_rate', 'self_serve_ceiling', 'self_serve_conversion_trend',
            'cannibalisation_rate', 'response_rate_trend',
            'time_to_first_contact_trend', 'nps_contacted_minus_not',
        ],
        'formula': [
            'count', 'sum', 'ratio', 'growth', 'mean', 'mean_ratio', 'mean_growth',
            'mean_difference', 'median', 'median_shortening', 'ratio_trend',
            'median_trend',
        ],
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

    {% for seed, row_name in unique %}
    select
        '{{ seed }}' as seed,
        {{ row_name }} as row_name
    from {{ ref(seed) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

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

spaced_values as (

    {% for seed, column in compared %}
    select
        '{{ seed }}' as seed,
        {{ column }} as row_name,
        '{{ column }} has spaces around it' as problem,
        'take them away' as mend
    from {{ ref(seed) }}
    where {{ column }} != trim({{ column }})
    group by {{ column }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

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
        'metric_benchmarks' as seed,
        coalesce(metric_id, '(empty)') as row_name,
        'window_days is empty or below 0' as problem,
        'give days, 0 where nothing has to pass' as mend
    from {{ ref('metric_benchmarks') }}
    where coalesce(window_days, -1) < 0
    union all
    select
        'experiments' as seed,
        coalesce(experiment_id, '(empty)') as row_name,
        'holdout_share is not from 0 to 1, starts_on is empty or after ends_on, or unit'
        || ' is not account' as problem,
        'give a share such as 0.1, the first day and the unit account' as mend
    from {{ ref('experiments') }}
    where
        starts_on is null
        or coalesce(holdout_share, -1) < 0
        or holdout_share > 1
        or starts_on > ends_on
        or coalesce(unit, 'account') != 'account'
    union all
    select
        'experiments' as seed,
        coalesce(experiment_id, '(empty)') as row_name,
        'salt is empty' as problem,
        'give a text that no other experiment has, so that each draws anew' as mend
    from {{ ref('experiments') }}
    where coalesce(trim(salt), '') = ''

),

seed_problems as (

    select * from unknown_names
    union all
    select * from repeated_keys
    union all
    select * from spaced_values
    union all
    select * from odd_numbers

)

select * from seed_problems
