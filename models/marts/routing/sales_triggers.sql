-- One row per trigger_id: an account, a user of it or none, and a day it became true.
-- Of all days of the history; thresholds, priorities and words are rows of
-- trigger_rules.csv.
{%- set counted = [
    'users', 'users_before', 'users_new', 'workspaces', 'workspaces_before',
] %}
{%- set thresholds = [
    'enterprise_requested', 'billing_asked', 'near_limit_with_team', 'users_tripled',
    'pricing_and_security_viewed', 'new_users_week', 'pricing_viewed_no_upgrade',
    'icp_departments', 'workspaces_doubled', 'limit_approaching', 'single_hot_user',
    'growth_4_weeks', 'funded_or_hiring_and_growing',
] %}
{#- What is true of a day of an account. -#}
{%- set lasting = {
    'near_limit_with_team': {
        'n': 'account_days.active_users_30d',
        'm': 'account_days.limit_utilisation * 100',
        'condition': 'account_days.active_users_30d >= thresholds.near_limit_with_team'
        ~ ' and account_days.limit_utilisation'
        ~ ' >= thresholds.near_limit_with_team_second',
    },
    'limit_approaching': {
        'n': 'account_days.limit_utilisation',
        'm': 'account_days.limit_utilisation * 100',
        'may_begin': 'account_days.limit_utilisation'
        ~ ' < thresholds.limit_approaching_second',
        'condition': 'account_days.limit_utilisation >= thresholds.limit_approaching',
    },
    'icp_departments': {
        'n': 'account_days.departments_30d',
        'condition': 'account_days.is_icp'
        ~ ' and account_days.departments_30d >= thresholds.icp_departments',
    },
    'growth_4_weeks': {
        'n': 'account_days.growth_weeks',
        'condition': 'account_days.growth_weeks >= thresholds.growth_4_weeks',
    },
    'funded_or_hiring_and_growing': {
        'n': 'account_days.growth_weeks',
        'condition': 'account_days.is_funded_or_hiring and account_days.growth_weeks'
        ~ ' >= thresholds.funded_or_hiring_and_growing',
    },
    'single_hot_user': {
        'n': 'account_days.hot_users',
        'may_begin': 'account_days.hot_users = thresholds.single_hot_user',
        'condition': 'account_days.is_of_high_value and account_days.hot_users > 0',
    },
} %}
{#- What is true from a change of counts to the next: [was] stands where a count is of
    before the change. -#}
{%- set states = {
    'users_tripled': {
        'of': 'counts', 'n': 'counts.users', 'm': 'counts.users_before',
        'condition': 'counts.users[was] >= thresholds.users_tripled'
        ~ ' * counts.users_before[was]'
        ~ ' and counts.users[was] >= thresholds.users_tripled_second',
    },
    'workspaces_doubled': {
        'of': 'counts', 'n': 'counts.workspaces', 'm': 'counts.workspaces_before',
        'condition': 'counts.workspaces_before[was] > 0'
        ~ ' and counts.workspaces[was] >= thresholds.workspaces_doubled'
        ~ ' * counts.workspaces_before[was]'
        ~ ' and counts.workspaces[was] >= thresholds.workspaces_doubled_second',
    },
    'new_users_week': {
        'of': 'counts', 'n': 'counts.users_new', 'm': 'null',
        'condition': 'counts.users_new[was] >= thresholds.new_users_week',
    },
    'pricing_viewed_no_upgrade': {
        'of': 'price_look_counts', 'n': 'price_look_counts.times', 'm': 'null',
        'user_id': 'price_look_counts.user_id',
        'condition': 'price_look_counts.times[was]'
        ~ ' >= thresholds.pricing_viewed_no_upgrade',
    },
} %}
with

as_of as (

    select
        as_of_date,
        {{ add_days('as_of_date', 1 - history_days()) }} as first_on
    from {{ ref('int_as_of_date') }}

),

trigger_rules as (

    select * from {{ ref('trigger_rules') }}

),

accounts as (

    select * from {{ ref('accounts') }}
    where not is_internal

),

users as (

    select
        user_id,
        account_id,
        cast(created_at as date) as created_on
    from {{ ref('users') }}

),

account_values as (

    select * from {{ ref('account_values') }}

),

account_companies as (

    select * from {{ ref('int_account_companies') }}

),

account_limits as (

    select * from {{ ref('int_account_limits') }}

),

user_history as {{ not_materialized() }} (

    select * from {{ ref('pql_score_history') }}
    where score_model = '{{ var("active_score_model") }}'

),

user_measures as (

    select * from {{ ref('int_user_measures') }}
    where measure = 'usage'

),

activity_window as (

    select until_days
    from {{ ref('metrics') }}
    where level = 'user' and metric = 'active_days_30d'

),

account_history as (

    select * from {{ ref('pqa_score_history') }}
    where score_model = '{{ var("active_score_model") }}'

),

transitions as (

    select * from {{ ref('score_transitions') }}
    where level = 'user' and score_model = '{{ var("active_score_model") }}'

),

hand_raises as (

    select * from {{ ref('int_hand_raises') }}

),

upgrades_abandoned as (

    select * from {{ ref('int_upgrades_abandoned') }}

),

user_workspaces as (

    select * from {{ ref('int_user_workspaces') }}

),

-- What was done before signing up counts from that day on.
daily_behaviours as (

    select
        daily_usage.user_id,
        users.account_id,
        daily_usage.behaviour,
        daily_usage.activity_date,
        greatest(daily_usage.activity_date, users.created_on) as counts_from,
        {{ total('daily_usage.behaviour_events') }} as times
    from {{ ref('daily_usage') }} as daily_usage
    inner join users
        on daily_usage.user_id = users.user_id
    where
        daily_usage.behaviour in (
            'pricing_viewed', 'security_docs_viewed', 'upgrade_completed'
        )
    group by
        daily_usage.user_id,
        users.account_id,
        daily_usage.behaviour,
        daily_usage.activity_date,
        greatest(daily_usage.activity_date, users.created_on)

),

thresholds as (

    select
        {% for trigger in thresholds %}
        max(case when trigger = '{{ trigger }}' then threshold end)
            as {{ trigger }},
        max(case when trigger = '{{ trigger }}' then second_threshold end)
            as {{ trigger }}_second,
        {% endfor %}
        count(*) as rules
    from trigger_rules

),

-- What happens on a day and is over with it.
asked as (

    select
        hand_raises.account_id,
        hand_raises.user_id,
        case hand_raises.metric
            when 'enterprise_requests_90d' then 'enterprise_requested'
            else 'billing_asked'
        end as trigger,
        cast(hand_raises.times as {{ engine_type('double') }}) as n,
        cast(null as {{ engine_type('double') }}) as m,
        hand_raises.raised_on as triggered_on
    from hand_raises
    cross join thresholds
    where
        hand_raises.times >= case hand_raises.metric
            when 'enterprise_requests_90d' then thresholds.enterprise_requested
            else thresholds.billing_asked
        end

),

looks_by_day as (

    select
        account_id,
        activity_date,
        counts_from,
        sum(case when behaviour = 'pricing_viewed' then times else 0 end)
            as pricing_views,
        sum(case when behaviour = 'security_docs_viewed' then times else 0 end)
            as security_views
    from daily_behaviours
    group by account_id, activity_date, counts_from

),

looked_days as (

    select
        looks_by_day.account_id,
        looks_by_day.pricing_views,
        looks_by_day.security_views,
        looks_by_day.counts_from,
        row_number() over (
            partition by looks_by_day.account_id, looks_by_day.counts_from
            order by looks_by_day.activity_date desc
        ) as day_rank
    from looks_by_day
    cross join thresholds
    where
        looks_by_day.pricing_views >= thresholds.pricing_and_security_viewed
        and looks_by_day.security_views
        >= thresholds.pricing_and_security_viewed_second

),

looked_at_both as (

    select
        account_id,
        cast(null as {{ dbt.type_string() }}) as user_id,
        'pricing_and_security_viewed' as trigger,
        cast(pricing_views as {{ engine_type('double') }}) as n,
        cast(security_views as {{ engine_type('double') }}) as m,
        counts_from as triggered_on
    from looked_days
    where day_rank = 1

),

left_upgrades as (

    select
        users.account_id,
        upgrades_abandoned.user_id,
        'upgrade_abandoned' as trigger,
        cast(1 as {{ engine_type('double') }}) as n,
        cast(null as {{ engine_type('double') }}) as m,
        upgrades_abandoned.abandoned_from as triggered_on
    from upgrades_abandoned
    inner join users
        on upgrades_abandoned.user_id = users.user_id

),

days_of_use as (

    select
        user_measures.user_id,
        user_measures.counts_from as used_on,
        lag(user_measures.measured_on) over (
            partition by user_measures.user_id order by user_measures.measured_on
        ) as used_before,
        activity_window.until_days
    from user_measures
    cross join activity_window
    -- What was done that long before signing up makes nobody active.
    where
        {{ days_between('user_measures.measured_on', 'user_measures.counts_from') }}
        < activity_window.until_days

),

-- Somebody's first day of use, or the first after 30 days without, is a change from no
-- grade.
returns as (

    select
        user_history.user_id,
        user_history.grade,
        user_history.score,
        user_history.as_of_date as returned_on
    from user_history
    cross join as_of
    inner join days_of_use
        on
            user_history.user_id = days_of_use.user_id
            and user_history.as_of_date = days_of_use.used_on
    where
        user_history.grade in ('hot', 'warm')
        and user_history.as_of_date > as_of.first_on
        and (
            days_of_use.used_before is null
            or {{ days_between('days_of_use.used_before', 'days_of_use.used_on') }}
            > days_of_use.until_days
        )

),

graded as (

    select
        transitions.entity_id as user_id,
        transitions.to_label as grade,
        transitions.from_label as grade_before,
        transitions.to_score as score,
        transitions.from_score as score_before,
        transitions.changed_on as graded_on
    from transitions
    left join returns
        on
            transitions.entity_id = returns.user_id
            and transitions.changed_on = returns.returned_on
    where returns.user_id is null
    union all
    select
        user_id,
        grade,
        cast(null as {{ dbt.type_string() }}) as grade_before,
        score,
        0 as score_before,
        returned_on as graded_on
    from returns

),

became_leads as (

    select
        users.account_id,
        graded.user_id,
        case graded.grade
            when 'hot' then 'user_hot'
            else 'user_warm'
        end as trigger,
        cast(graded.score as {{ engine_type('double') }}) as n,
        cast(graded.score_before as {{ engine_type('double') }}) as m,
        graded.graded_on as triggered_on
    from graded
    inner join users
        on graded.user_id = users.user_id
    where
        graded.grade = 'hot'
        or (graded.grade = 'warm' and coalesce(graded.grade_before, '') != 'hot')

),

-- What holds for days: it begins on a day after one on which it did not hold.
account_days as (

    select
        account_history.account_id,
        account_history.as_of_date,
        account_history.active_users_30d,
        account_history.departments_30d,
        account_history.growth_weeks,
        account_history.hot_users,
        accounts.is_icp,
        account_values.value_axis = 'high' as is_of_high_value,
        account_limits.limit_utilisation,
        coalesce(account_companies.open_relevant_roles, 0) > 0
        or (
            account_companies.last_funded_on <= account_history.as_of_date
            and {{ days_between(
                'account_companies.last_funded_on', 'account_history.as_of_date'
            ) }} < thresholds.funded_or_hiring_and_growing_second
        ) as is_funded_or_hiring
    from account_history
    cross join thresholds
    inner join accounts
        on account_history.account_id = accounts.account_id
    left join account_values
        on account_history.account_id = account_values.account_id
    left join account_limits
        on
            account_history.account_id = account_limits.account_id
            and account_history.as_of_date = account_limits.as_of_date
    left join account_companies
        on account_history.account_id = account_companies.account_id

),

true_days as (

    {% for trigger, day in lasting.items() -%}
    select
        account_days.account_id,
        '{{ trigger }}' as trigger,
        {{ day.n }} as n,
        {{ day.m or 'null' }} as m,
        {{ day.may_begin or 'true' }} as may_begin,
        account_days.as_of_date
    from account_days
    cross join thresholds
    where
        {{ day.condition }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

followed_days as (

    select
        account_id,
        trigger,
        n,
        m,
        may_begin,
        as_of_date,
        lag(as_of_date) over (
            partition by account_id, trigger order by as_of_date
        ) as day_before
    from true_days

),

begun as (

    select
        followed_days.account_id,
        cast(null as {{ dbt.type_string() }}) as user_id,
        followed_days.trigger,
        cast(followed_days.n as {{ engine_type('double') }}) as n,
        cast(followed_days.m as {{ engine_type('double') }}) as m,
        followed_days.as_of_date as triggered_on
    from followed_days
    cross join as_of
    where
        followed_days.may_begin
        and followed_days.as_of_date > as_of.first_on
        and (
            followed_days.day_before is null
            or {{ add_days('followed_days.day_before', 1) }} < followed_days.as_of_date
        )

),

-- Counts that change on few days: a sign-up counts at once, in the week after, and as
-- one of those 14 days before.
workspace_starts as (

    select
        users.account_id,
        user_workspaces.workspace_id,
        min(greatest(user_workspaces.first_used_on, users.created_on)) as started_on
    from user_workspaces
    inner join users
        on user_workspaces.user_id = users.user_id
    where user_workspaces.first_used_on is not null
    group by users.account_id, user_workspaces.workspace_id

),

count_changes as (

    {% for column, relation, day, after, sign in [
        ('users', 'users', 'created_on', 0, 1),
        ('users_before', 'users', 'created_on', 14, 1),
        ('users_new', 'users', 'created_on', 0, 1),
        ('users_new', 'users', 'created_on', 7, -1),
        ('workspaces', 'workspace_starts', 'started_on', 0, 1),
        ('workspaces_before', 'workspace_starts', 'started_on', 14, 1),
    ] -%}
    select
        account_id,
        {% for each in counted -%}
        {{ sign if each == column else 0 }} as {{ each }},
        {% endfor -%}
        {{ add_days(day, after) }} as changed_on
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

daily_count_changes as (

    select
        count_changes.account_id,
        {% for each in counted -%}
        sum(count_changes.{{ each }}) as {{ each }},
        {% endfor -%}
        count_changes.changed_on
    from count_changes
    cross join as_of
    where count_changes.changed_on <= as_of.as_of_date
    group by count_changes.account_id, count_changes.changed_on

),

counts as (

    select
        account_id,
        {% for each in counted -%}
        sum({{ each }}) over (
            partition by account_id
            order by changed_on
            rows between unbounded preceding and current row
        ) as {{ each }},
        sum({{ each }}) over (
            partition by account_id
            order by changed_on
            rows between unbounded preceding and current row
        ) - {{ each }} as {{ each }}_was,
        {% endfor -%}
        changed_on
    from daily_count_changes

),

price_looks as (

    {% for times, day in [
        ('times', 'counts_from'), ('-times as times', add_days('activity_date', 30))
    ] -%}
    select
        user_id,
        account_id,
        {{ times }},
        {{ day }} as changed_on
    from daily_behaviours
    where
        behaviour = 'pricing_viewed'
        and {{ add_days('activity_date', 30) }} > counts_from
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

daily_price_looks as (

    select
        user_id,
        account_id,
        sum(times) as times,
        changed_on
    from price_looks
    group by user_id, account_id, changed_on

),

price_look_counts as (

    select
        user_id,
        account_id,
        sum(times) over (
            partition by user_id
            order by changed_on
            rows between unbounded preceding and current row
        ) as times,
        sum(times) over (
            partition by user_id
            order by changed_on
            rows between unbounded preceding and current row
        ) - times as times_was,
        changed_on
    from daily_price_looks

),

states as (

    {% for trigger, state in states.items() -%}
    select
        {{ state.of }}.account_id,
        cast({{ state.user_id or 'null' }} as {{ dbt.type_string() }}) as user_id,
        '{{ trigger }}' as trigger,
        cast({{ state.n }} as {{ engine_type('double') }}) as n,
        cast({{ state.m }} as {{ engine_type('double') }}) as m,
        {{ state.condition | replace('[was]', '') }} as is_true,
        {{ state.condition | replace('[was]', '_was') }} as was_true,
        {{ state.of }}.changed_on
    from {{ state.of }}
    cross join thresholds
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

entered as (

    select
        account_id,
        user_id,
        trigger,
        n,
        m,
        changed_on as triggered_on
    from states
    where is_true and not was_true

),

-- Who has upgraded in these 30 days needs nobody.
upgraded as (

    select
        entered.account_id,
        entered.user_id,
        entered.triggered_on
    from entered
    inner join daily_behaviours as upgrades
        on
            entered.account_id = upgrades.account_id
            and entered.triggered_on >= upgrades.counts_from
            and entered.triggered_on < {{ add_days('upgrades.activity_date', 30) }}
    where
        entered.trigger = 'pricing_viewed_no_upgrade'
        and upgrades.behaviour = 'upgrade_completed'
    group by entered.account_id, entered.user_id, entered.triggered_on

),

all_triggers as (

    select * from asked
    union all
    select * from looked_at_both
    union all
    select * from left_upgrades
    union all
    select * from became_leads
    union all
    select * from begun
    union all
    select entered.*
    from entered
    left join upgraded
        on
            entered.account_id = upgraded.account_id
            and entered.user_id = upgraded.user_id
            and entered.triggered_on = upgraded.triggered_on
    where upgraded.account_id is null

),

sales_triggers as (

    select
        all_triggers.account_id || '|' || coalesce(all_triggers.user_id, '') || '|'
        || all_triggers.trigger || '|'
        || cast(all_triggers.triggered_on as {{ dbt.type_string() }}) as trigger_id,
        all_triggers.account_id,
        all_triggers.user_id,
        all_triggers.trigger,
        trigger_rules.priority,
        {{ trigger_text('trigger_rules.evidence', 'all_triggers.n', 'all_triggers.m') }}
            as evidence,
        all_triggers.triggered_on
    from all_triggers
    cross join as_of
    inner join accounts
        on all_triggers.account_id = accounts.account_id
    inner join trigger_rules
        on all_triggers.trigger = trigger_rules.trigger
    where
        all_triggers.triggered_on >= as_of.first_on
        and all_triggers.triggered_on <= as_of.as_of_date

)

select * from sales_triggers
