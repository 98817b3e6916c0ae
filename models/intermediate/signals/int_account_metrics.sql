-- One row per account_id and as_of_date it is scored on, with every metric as of then.
{%- set counted = counted_metrics('account') %}
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

account_days as (

    select * from {{ ref('int_account_days') }}

),

metric_changes as (

    select * from {{ ref('int_account_changes') }}

),

restarts as (

    select * from {{ ref('int_score_restarts') }}

),

account_companies as (

    select * from {{ ref('int_account_companies') }}

),

account_limits as (

    select * from {{ ref('int_account_limits') }}

),

-- A day to be read off adds nothing to what changed before it.
changes as (

    select
        account_id,
        {% for metric in counted %}
        {{ metric }},
        {% endfor %}
        changed_on,
        0 as is_wanted
    from metric_changes
    union all
    select
        account_id,
        {% for metric in counted %}
        cast(null as {{ engine_type('double') }}) as {{ metric }},
        {% endfor %}
        as_of_date as changed_on,
        1 as is_wanted
    from account_days

),

-- What lies before the first day wanted is added up on that day.
daily_changes as (

    select
        changes.account_id,
        {% for metric in counted %}
        coalesce(sum(changes.{{ metric }}), 0) as {{ metric }},
        {% endfor %}
        max(changes.is_wanted) as is_wanted,
        greatest(changes.changed_on, restarts.restart_on) as changed_on
    from changes
    cross join as_of
    inner join restarts
        on
            restarts.level = 'account'
            and changes.account_id = restarts.entity_id
    where changes.changed_on <= as_of.as_of_date
    group by changes.account_id, greatest(changes.changed_on, restarts.restart_on)

),

running_totals as (

    select
        account_id,
        {% for metric in counted %}
        sum({{ metric }}) over (
            partition by account_id
            order by changed_on
            rows between unbounded preceding and current row
        ) as {{ metric }},
        {% endfor %}
        is_wanted,
        changed_on
    from daily_changes

),

counted_account_metrics as (

    select
        account_id,
        {% for metric in counted %}
        cast({{ metric }} as {{ dbt.type_bigint() }}) as {{ metric }},
        {% endfor %}
        changed_on as as_of_date
    from running_totals
    where is_wanted = 1

),

account_metrics as (

    select
        counted_account_metrics.account_id,
        {% for metric in counted %}
        counted_account_metrics.{{ metric }},
        {% endfor %}
        {{ ratio(
            'counted_account_metrics.new_users_30d',
            'counted_account_metrics.users - counted_account_metrics.new_users_30d',
        ) }} as user_growth_30d,
        {{ weeks_in_a_row('>', 'counted_account_metrics') }} as growth_weeks,
        {{ weeks_in_a_row('<', 'counted_account_metrics') }} as decline_weeks,
        account_limits.limit_utilisation,
        case
            when account_companies.account_id is null then null
            when
                account_companies.last_funded_on
                > {{ add_days('counted_account_metrics.as_of_date', -90) }}
                and account_companies.last_funded_on
                <= counted_account_metrics.as_of_date
                then 1
            else 0
        end as funded_90d,
        account_companies.open_relevant_roles,
        account_companies.employee_count,
        account_companies.is_target_industry,
        account_companies.is_icp,
        account_companies.is_enterprise_domain,
        counted_account_metrics.as_of_date
    from counted_account_metrics
    left join account_companies
        on counted_account_metrics.account_id = account_companies.account_id
    left join account_limits
        on
            counted_account_metrics.account_id = account_limits.account_id
            and counted_account_metrics.as_of_date = account_limits.as_of_date

)

select * from account_metrics
