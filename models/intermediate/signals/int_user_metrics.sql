-- One row per user_id and as_of_date it is scored on, with every metric as of that day.
{%- set counted = counted_metrics('user') %}
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

user_days as (

    select * from {{ ref('int_user_days') }}

),

contributions as (

    select * from {{ ref('int_metric_contributions') }}
    where level = 'user'

),

account_metrics as (

    select * from {{ ref('int_account_metrics') }}

),

users as (

    select * from {{ ref('int_users') }}

),

mapped_users as (

    select * from {{ ref('int_users_mapped_to_accounts') }}

),

user_measures as (

    select * from {{ ref('int_user_measures') }}

),

first_day as (

    select {{ add_days('as_of_date', 1 - history_days()) }} as as_of_date
    from as_of

),

-- Each contribution adds its weight on a day and takes it back on another; what lies
-- before the first day wanted is added up on that day.
changes as (

    select
        contributions.entity_id,
        contributions.metric,
        contributions.weight,
        greatest(contributions.starts_on, first_day.as_of_date) as changed_on
    from contributions
    cross join first_day
    where
        contributions.ends_on is null
        or contributions.ends_on > first_day.as_of_date
    union all
    select
        contributions.entity_id,
        contributions.metric,
        -contributions.weight as weight,
        contributions.ends_on as changed_on
    from contributions
    cross join first_day
    where contributions.ends_on > first_day.as_of_date

),

daily_changes as (

    select
        entity_id,
        {% for metric in counted %}
        sum(
            case when metric = '{{ metric }}' then weight else 0 end
        ) as {{ metric }},
        {% endfor %}
        changed_on,
        false as is_wanted
    from changes
    group by entity_id, changed_on

),

-- The days wanted change nothing: they stand in line to be read off. The changes of
-- the same day come before them.
wanted_days as (

    select
        user_id as entity_id,
        {% for metric in counted %}
        0 as {{ metric }},
        {% endfor %}
        as_of_date as changed_on,
        true as is_wanted
    from user_days

),

all_days as (

    select * from daily_changes
    union all
    select * from wanted_days

),

running_totals as (

    select
        entity_id,
        {% for metric in counted %}
        cast(
            sum({{ metric }}) over (
                partition by entity_id
                order by changed_on, is_wanted
                rows between unbounded preceding and current row
            ) as {{ dbt.type_bigint() }}
        ) as {{ metric }},
        {% endfor %}
        changed_on,
        is_wanted
    from all_days

),

counted_user_metrics as (

    select
        entity_id as user_id,
        {% for metric in counted %}
        {{ metric }},
        {% endfor %}
        changed_on as as_of_date
    from running_totals
    where is_wanted

),

activations as (

    select
        user_id,
        min(first_at) as activated_at
    from user_measures
    where measure = 'activation'
    group by user_id

),

active_days as (

    select
        user_id,
        counts_from as active_on,
        max(measured_on) as last_active_on
    from user_measures
    where measure = 'usage'
    group by user_id, counts_from

),

active_and_wanted_days as (

    select
        user_id,
        active_on as as_of_date,
        last_active_on,
        false as is_wanted
    from active_days
    union all
    select
        user_id,
        as_of_date,
        cast(null as date) as last_active_on,
        true as is_wanted
    from user_days

),

last_active_days as (

    select
        user_id,
        as_of_date,
        is_wanted,
        max(last_active_on) over (
            partition by user_id
            order by as_of_date, is_wanted
            rows between unbounded preceding and current row
        ) as last_active_on
    from active_and_wanted_days

),

user_ages as (

    select
        counted_user_metrics.*,
        mapped_users.account_id,
        users.created_at,
        {{ days_between('users.created_on', 'counted_user_metrics.as_of_date') }}
            as user_age_days,
        last_active_days.last_active_on,
        case
            when
                cast(activations.activated_at as date)
                <= counted_user_metrics.as_of_date
                then activations.activated_at
        end as activated_at
    from counted_user_metrics
    inner join users
        on counted_user_metrics.user_id = users.user_id
    inner join mapped_users
        on counted_user_metrics.user_id = mapped_users.user_id
    inner join last_active_days
        on
            counted_user_metrics.user_id = last_active_days.user_id
            and counted_user_metrics.as_of_date = last_active_days.as_of_date
            and last_active_days.is_wanted
    left join activations
        on counted_user_metrics.user_id = activations.user_id

),

user_metrics as (

    select
        user_ages.user_id,
        user_ages.account_id,
        {% for metric in counted %}
        user_ages.{{ metric }},
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
        user_ages.activated_at
    from user_ages
    inner join account_metrics
        on
            user_ages.account_id = account_metrics.account_id
            and user_ages.as_of_date = account_metrics.as_of_date

)

select * from user_metrics
