-- One row per account_id and as_of_date it is scored on, with every metric as of then.
{%- set counted = counted_metrics('account') %}
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

account_days as (

    select * from {{ ref('int_account_days') }}

),

contributions as (

    select * from {{ ref('int_metric_contributions') }}
    where level = 'account'

),

account_companies as (

    select * from {{ ref('int_account_companies') }}

),

account_limits as (

    select * from {{ ref('int_account_limits') }}

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
        account_id as entity_id,
        {% for metric in counted %}
        0 as {{ metric }},
        {% endfor %}
        as_of_date as changed_on,
        true as is_wanted
    from account_days

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

counted_account_metrics as (

    select
        entity_id as account_id,
        {% for metric in counted %}
        {{ metric }},
        {% endfor %}
        changed_on as as_of_date
    from running_totals
    where is_wanted

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
