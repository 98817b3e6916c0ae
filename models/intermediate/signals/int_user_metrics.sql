-- One row per user_id and day its metrics may have changed, with every metric then.
-- The row holds until valid_until; as_of_date itself always has one.
{%- set counted = counted_metrics('user') %}
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

restarts as (

    select * from {{ ref('int_score_restarts') }}

),

user_days as (

    select * from {{ ref('int_user_days') }}

),

metric_changes as (

    select * from {{ ref('int_user_changes') }}

),

account_metrics as (

    select * from {{ ref('int_account_metrics') }}

),

known_users as (

    select * from {{ ref('int_users') }}

),

mapped_users as (

    select * from {{ ref('int_users_mapped_to_accounts') }}

),

user_measures as {{ not_materialized() }} (

    select * from {{ ref('int_user_measures') }}

),

users as (

    select
        known_users.user_id,
        mapped_users.account_id,
        known_users.created_on,
        known_users.created_at,
        greatest(restarts.restart_on, known_users.created_on) as restart_on
    from known_users
    inner join mapped_users
        on known_users.user_id = mapped_users.user_id
    inner join restarts
        on
            restarts.level = 'user'
            and known_users.user_id = restarts.entity_id

),

-- A day without a change adds nothing: it stands in line to be read off.
changes as (

    select
        user_id,
        {% for metric in counted %}
        {{ metric }},
        {% endfor %}
        changed_on,
        cast(null as date) as active_on
    from metric_changes
    union all
    select
        user_id,
        {% for metric in counted %}
        cast(null as {{ engine_type('double') }}) as {{ metric }},
        {% endfor %}
        counts_from as changed_on,
        measured_on as active_on
    from user_measures
    where measure = 'usage'
    union all
    select
        user_id,
        {% for metric in counted %}
        cast(null as {{ engine_type('double') }}) as {{ metric }},
        {% endfor %}
        as_of_date as changed_on,
        cast(null as date) as active_on
    from user_days

),

-- What lies before the first day wanted is added up on that day.
daily_changes as (

    select
        users.user_id,
        {% for metric in counted %}
        coalesce(sum(changes.{{ metric }}), 0) as {{ metric }},
        {% endfor %}
        greatest(changes.changed_on, users.restart_on) as changed_on,
        max(changes.active_on) as active_on
    from changes
    cross join as_of
    inner join users
        on changes.user_id = users.user_id
    where changes.changed_on <= as_of.as_of_date
    group by users.user_id, greatest(changes.changed_on, users.restart_on)

),

running_totals as (

    select
        user_id,
        {% for metric in counted %}
        sum({{ metric }}) over (
            partition by user_id
            order by changed_on
            rows between unbounded preceding and current row
        ) as {{ metric }},
        {% endfor %}
        changed_on as as_of_date,
        max(active_on) over (
            partition by user_id
            order by changed_on
            rows between unbounded preceding and current row
        ) as last_active_on,
        lead(changed_on) over (
            partition by user_id
            order by changed_on
        ) as next_changed_on
    from daily_changes

),

activations as (

    select
        user_id,
        min(first_at) as activated_at
    from user_measures
    where measure = 'activation'
    group by user_id

),

user_ages as (

    select
        running_totals.user_id,
        users.account_id,
        {% for metric in counted %}
        running_totals.{{ metric }},
        {% endfor %}
        {{ days_between('users.created_on', 'running_totals.as_of_date') }}
            as user_age_days,
        running_totals.last_active_on,
        running_totals.as_of_date,
        coalesce(
            {{ add_days('running_totals.next_changed_on', -1) }},
            running_totals.as_of_date
        ) as valid_until,
        users.created_at,
        case
            when
                cast(activations.activated_at as date) <= running_totals.as_of_date
                then activations.activated_at
        end as activated_at
    from running_totals
    inner join users
        on running_totals.user_id = users.user_id
    left join activations
        on running_totals.user_id = activations.user_id

),

user_metrics as (

    select
        user_ages.user_id,
        user_ages.account_id,
        {% for metric in counted %}
        cast(user_ages.{{ metric }} as {{ dbt.type_bigint() }}) as {{ metric }},
        {% endfor %}
        user_ages.user_age_days,
        coalesce(
            {{ days_between('user_ages.last_active_on', 'user_ages.as_of_date') }},
            user_ages.user_age_days
        ) as days_since_last_active,
        {{ ratio('user_ages.active_days_30d', 30) }} as stickiness_30d,
        {{ weeks_in_a_row('>', 'user_ages') }} as growth_weeks,
        {{ weeks_in_a_row('<', 'user_ages') }} as decline_weeks,
        case
            when user_ages.activated_at <= user_ages.created_at then 0
            else
                {{ seconds_between('user_ages.created_at', 'user_ages.activated_at') }}
                / 60
        end as minutes_to_activation,
        account_metrics.users as account_users,
        case
            when account_metrics.users = 1 and user_ages.invites_sent = 0
                then user_ages.user_age_days
            else 0
        end as solo_without_invites_days,
        case
            when user_ages.premium_features_lifetime = 0 then user_ages.user_age_days
            else 0
        end as free_only_days,
        account_metrics.employee_count,
        account_metrics.is_target_industry,
        account_metrics.is_icp,
        user_ages.as_of_date,
        user_ages.valid_until,
        user_ages.activated_at
    from user_ages
    -- Days on which the account is not scored fall away.
    inner join account_metrics
        on
            user_ages.account_id = account_metrics.account_id
            and user_ages.as_of_date = account_metrics.as_of_date

)

select * from user_metrics
