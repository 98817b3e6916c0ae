-- One row per metric_id and case_id: every account, user or deal behind a number.
{%- set double = engine_type('double') %}
with

definitions as (

    select * from {{ ref('metric_benchmarks') }}
    where segment = 'all'

),

accounts as (

    select * from {{ ref('accounts') }}
    where not is_internal

),

users as (

    select * from {{ ref('users') }}

),

outcomes as (

    select * from {{ ref('account_outcomes') }}

),

qualified_accounts as (

    select * from {{ ref('qualified_accounts') }}

),

experiment_results as (

    select * from {{ ref('experiment_results') }}

),

first_payments as (

    select * from {{ ref('int_first_payments') }}

),

revenue_changes as (

    select * from {{ ref('int_revenue_changes') }}

),

opportunities as (

    select * from {{ ref('int_crm_opportunities') }}

),

activities as (

    select * from {{ ref('int_crm_activities') }}

),

nps_responses as (

    select * from {{ ref('int_nps_responses') }}

),

mapped_users as (

    select * from {{ ref('int_users_mapped_to_accounts') }}

),

daily_usage as (

    select * from {{ ref('daily_usage') }}

),

touches as (

    select
        activity_id,
        account_id,
        is_answer,
        cast(occurred_at as date) as touched_on,
        occurred_at
    from activities
    where account_id is not null and is_touch

),

first_touches as (

    select
        account_id,
        min(touched_on) as first_touched_on
    from touches
    group by account_id

),

-- What became of each account, as of its first qualified day.
leads_of_product as (

    select
        qualified_accounts.account_id,
        qualified_accounts.pql_on,
        first_payments.first_paid_on
    from qualified_accounts
    left join first_payments
        on qualified_accounts.account_id = first_payments.account_id
    where qualified_accounts.pql_on is not null

),

volumes as (

    select
        'pql_volume' as metric_id,
        account_id as case_id,
        account_id,
        cast(1 as {{ double }}) as numerator,
        cast(null as {{ double }}) as denominator,
        pql_on as counted_on
    from qualified_accounts
    where pql_on is not null
    union all
    select
        'pqa_volume' as metric_id,
        account_id as case_id,
        account_id,
        cast(1 as {{ double }}) as numerator,
        cast(null as {{ double }}) as denominator,
        pqa_on as counted_on
    from qualified_accounts
    where pqa_on is not null

),

-- Whether an opportunity followed a lead, and whether sales accepted it, in time.
lead_opportunities as (

    select
        definitions.metric_id,
        leads_of_product.account_id as case_id,
        leads_of_product.account_id,
        max(
            case
                when
                    cast(
                        case
                            when definitions.metric_id = 'pql_to_sql_rate'
                                then opportunities.accepted_at
                            else opportunities.created_at
                        end as date
                    )
                    <= {{ add_days(
                        'leads_of_product.pql_on', 'definitions.window_days'
                    ) }}
                    then cast(1 as {{ double }})
                else cast(0 as {{ double }})
            end
        ) as numerator,
        cast(1 as {{ double }}) as denominator,
        leads_of_product.pql_on as counted_on
    from leads_of_product
    inner join definitions
        on definitions.metric_id in ('pql_to_sql_rate', 'pql_to_opportunity_rate')
    left join opportunities
        on
            leads_of_product.account_id = opportunities.account_id
            and leads_of_product.pql_on <= cast(opportunities.created_at as date)
    group by
        definitions.metric_id,
        leads_of_product.account_id,
        leads_of_product.pql_on

),

lead_closes as (

    select
        definitions.metric_id,
        leads_of_product.account_id as case_id,
        leads_of_product.account_id,
        case
            when
                leads_of_product.first_paid_on
                <= {{ add_days('leads_of_product.pql_on', 'definitions.window_days') }}
                then cast(1 as {{ double }})
            else cast(0 as {{ double }})
        end as numerator,
        cast(1 as {{ double }}) as denominator,
        leads_of_product.pql_on as counted_on
    from leads_of_product
    inner join definitions
        on definitions.metric_id like 'pql_to_close_rate_%'
    where
        leads_of_product.first_paid_on is null
        or leads_of_product.first_paid_on >= leads_of_product.pql_on

),

lead_contacts as (

    select
        'time_to_first_contact_trend' as metric_id,
        leads_of_product.account_id as case_id,
        leads_of_product.account_id,
        cast(
            {{ days_between('leads_of_product.pql_on', 'min(touches.touched_on)') }}
            as {{ double }}
        ) as numerator,
        cast(null as {{ double }}) as denominator,
        leads_of_product.pql_on as counted_on
    from leads_of_product
    inner join definitions
        on definitions.metric_id = 'time_to_first_contact_trend'
    inner join touches
        on
            leads_of_product.account_id = touches.account_id
            and leads_of_product.pql_on <= touches.touched_on
            and {{ add_days('leads_of_product.pql_on', 'definitions.window_days') }}
            >= touches.touched_on
    group by leads_of_product.account_id, leads_of_product.pql_on

),

-- An account that paid before anybody signed up was never free.
signups as (

    select
        definitions.metric_id,
        accounts.account_id as case_id,
        accounts.account_id,
        case
            when
                first_payments.first_paid_on
                <= {{ add_days('accounts.first_seen_on', 'definitions.window_days') }}
                and (
                    definitions.metric_id = 'free_to_paid_rate'
                    or outcomes.conversion_motion = 'self_serve'
                )
                then cast(1 as {{ double }})
            else cast(0 as {{ double }})
        end as numerator,
        cast(1 as {{ double }}) as denominator,
        accounts.first_seen_on as counted_on
    from accounts
    inner join definitions
        on
            definitions.metric_id in (
                'free_to_paid_rate', 'self_serve_conversion_trend'
            )
    inner join outcomes
        on accounts.account_id = outcomes.account_id
    left join first_payments
        on accounts.account_id = first_payments.account_id
    where
        first_payments.first_paid_on is null
        or first_payments.first_paid_on >= accounts.first_seen_on

),

activations as (

    select
        definitions.metric_id,
        users.user_id as case_id,
        users.account_id,
        case
            when
                cast(users.activated_at as date)
                <= {{ add_days(
                    'cast(users.created_at as date)', 'definitions.window_days'
                ) }}
                then cast(1 as {{ double }})
            else cast(0 as {{ double }})
        end as numerator,
        cast(1 as {{ double }}) as denominator,
        cast(users.created_at as date) as counted_on
    from users
    inner join definitions
        on definitions.metric_id = 'activation_rate'

),

touched_accounts as (

    select
        definitions.metric_id,
        accounts.account_id as case_id,
        accounts.account_id,
        case
            when definitions.metric_id = 'time_from_signup_to_first_touch'
                then
                    cast({{ days_between(
                        'accounts.first_seen_on', 'first_touches.first_touched_on'
                    ) }} as {{ double }})
            when
                first_payments.first_paid_on <= {{ add_days(
                    'first_touches.first_touched_on', 'definitions.window_days'
                ) }}
                then cast(1 as {{ double }})
            else cast(0 as {{ double }})
        end as numerator,
        case
            when definitions.metric_id = 'sales_assisted_conversion_rate'
                then cast(1 as {{ double }})
        end as denominator,
        first_touches.first_touched_on as counted_on
    from accounts
    inner join first_touches
        on accounts.account_id = first_touches.account_id
    inner join definitions
        on
            definitions.metric_id in (
                'time_from_signup_to_first_touch', 'sales_assisted_conversion_rate'
            )
    left join first_payments
        on accounts.account_id = first_payments.account_id
    where
        (
            definitions.metric_id = 'time_from_signup_to_first_touch'
            and accounts.first_seen_on <= first_touches.first_touched_on
        )
        or (
            definitions.metric_id = 'sales_assisted_conversion_rate'
            and (
                first_payments.first_paid_on is null
                or first_payments.first_paid_on >= first_touches.first_touched_on
            )
        )

),

-- The day of the touch itself is neither before nor after.
usage_around_touches as (

    select
        definitions.metric_id,
        first_touches.account_id as case_id,
        first_touches.account_id,
        cast(sum(
            case
                when daily_usage.activity_date > first_touches.first_touched_on
                    then daily_usage.usage_events
                else 0
            end
        ) as {{ double }}) as numerator,
        cast(sum(
            case
                when daily_usage.activity_date < first_touches.first_touched_on
                    then daily_usage.usage_events
                else 0
            end
        ) as {{ double }}) as denominator,
        first_touches.first_touched_on as counted_on
    from first_touches
    inner join definitions
        on definitions.metric_id = 'usage_after_first_touch'
    inner join mapped_users
        on first_touches.account_id = mapped_users.account_id
    inner join daily_usage
        on
            mapped_users.user_id = daily_usage.user_id
            and {{ add_days(
                'first_touches.first_touched_on', '-definitions.window_days'
            ) }}
            <= daily_usage.activity_date
            and {{ add_days(
                'first_touches.first_touched_on', 'definitions.window_days'
            ) }}
            >= daily_usage.activity_date
    group by
        definitions.metric_id,
        first_touches.account_id,
        first_touches.first_touched_on

),

answers as (

    select
        definitions.metric_id,
        touches.activity_id as case_id,
        touches.account_id,
        max(
            case
                when touches.is_answer or activities.activity_id is not null
                    then cast(1 as {{ double }})
                else cast(0 as {{ double }})
            end
        ) as numerator,
        cast(1 as {{ double }}) as denominator,
        touches.touched_on as counted_on
    from touches
    inner join definitions
        on definitions.metric_id = 'response_rate_trend'
    left join activities
        on
            touches.account_id = activities.account_id
            and activities.is_answer
            and touches.occurred_at <= activities.occurred_at
            and {{ add_days('touches.touched_on', 'definitions.window_days') }}
            >= cast(activities.occurred_at as date)
    group by
        definitions.metric_id,
        touches.activity_id,
        touches.account_id,
        touches.touched_on

),

conversions as (

    select
        outcomes.account_id,
        outcomes.conversion_motion,
        outcomes.new_revenue_usd,
        first_payments.first_paid_on,
        qualified_accounts.pql_on,
        case
            when outcomes.conversion_motion = 'sales_assisted'
                then outcomes.new_revenue_usd
        end as assisted_usd,
        case
            when outcomes.conversion_motion = 'self_serve'
                then outcomes.new_revenue_usd
        end as self_served_usd
    from outcomes
    inner join first_payments
        on outcomes.account_id = first_payments.account_id
    left join qualified_accounts
        on outcomes.account_id = qualified_accounts.account_id

),

deals as (

    select
        'time_to_close' as metric_id,
        account_id as case_id,
        account_id,
        cast({{ days_between('pql_on', 'first_paid_on') }} as {{ double }})
            as numerator,
        cast(null as {{ double }}) as denominator,
        first_paid_on as counted_on
    from conversions
    where pql_on <= first_paid_on
    union all
    select
        'sales_assisted_revenue_share' as metric_id,
        account_id as case_id,
        account_id,
        coalesce(assisted_usd, 0) as numerator,
        new_revenue_usd as denominator,
        first_paid_on as counted_on
    from conversions
    union all
    select
        'average_deal_size' as metric_id,
        account_id as case_id,
        account_id,
        assisted_usd as numerator,
        self_served_usd as denominator,
        first_paid_on as counted_on
    from conversions
    where new_revenue_usd > 0
    union all
    {% for motion, column in {
        'sales_assisted': 'assisted_usd', 'self_serve': 'self_served_usd'
    }.items() %}
    select
        'average_deal_size_{{ motion }}' as metric_id,
        account_id as case_id,
        account_id,
        {{ column }} as numerator,
        cast(null as {{ double }}) as denominator,
        first_paid_on as counted_on
    from conversions
    where {{ column }} > 0
    union all
    {% endfor %}
    select
        'self_serve_ceiling' as metric_id,
        account_id as case_id,
        account_id,
        self_served_usd / 12 as numerator,
        cast(null as {{ double }}) as denominator,
        first_paid_on as counted_on
    from conversions
    where self_served_usd > 0

),

added_revenue as (

    select
        'expansion_revenue_share' as metric_id,
        account_id
        || ' ' || cast(changed_on as {{ dbt.type_string() }}) as case_id,
        account_id,
        case when change_type = 'expansion' then 12 * mrr_change_usd else 0 end
            as numerator,
        12 * mrr_change_usd as denominator,
        changed_on as counted_on
    from revenue_changes
    where mrr_change_usd > 0

),

sourced_opportunities as (

    select
        opportunity_id,
        account_id,
        source,
        amount_usd,
        is_won,
        cast({{ days_between(
            'cast(created_at as date)', 'cast(closed_at as date)'
        ) }} as {{ double }}) as cycle_days,
        cast(created_at as date) as created_on,
        cast(closed_at as date) as closed_on
    from opportunities

),

sourced_deals as (

    select
        'product_sourced_pipeline_share' as metric_id,
        opportunity_id as case_id,
        account_id,
        case when source = 'pql' then amount_usd else 0 end as numerator,
        amount_usd as denominator,
        created_on as counted_on
    from sourced_opportunities
    where amount_usd > 0
    union all
    {% for metric_id, amount, other in [
        ('sales_cycle_vs_outbound', 'cycle_days', 'outbound'),
        ('time_to_close_pql_vs_mql', 'cycle_days', 'mql'),
        ('deal_size_pql_vs_mql', 'amount_usd', 'mql'),
    ] %}
    select
        '{{ metric_id }}' as metric_id,
        opportunity_id as case_id,
        account_id,
        case when source = 'pql' then {{ amount }} end as numerator,
        case when source = '{{ other }}' then {{ amount }} end as denominator,
        closed_on as counted_on
    from sourced_opportunities
    where is_won and source in ('pql', '{{ other }}') and {{ amount }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

experiments as (

    select
        measure as metric_id,
        experiment_id as case_id,
        cast(null as {{ dbt.type_string() }}) as account_id,
        difference as numerator,
        cast(null as {{ double }}) as denominator,
        measured_until as counted_on
    from experiment_results
    where measure = 'incremental_revenue' and difference is not null
    union all
    select
        'cannibalisation_rate' as metric_id,
        experiment_id as case_id,
        cast(null as {{ dbt.type_string() }}) as account_id,
        sum(
            case when measure = 'cannibalised_deals' then treatment_value else 0 end
        ) as numerator,
        sum(case when measure = 'assisted_deals' then treatment_value else 0 end)
            as denominator,
        measured_until as counted_on
    from experiment_results
    where measure in ('cannibalised_deals', 'assisted_deals')
    group by experiment_id, measured_until

),

nps_points as (

    select
        nps_responses.response_id,
        nps_responses.account_id,
        cast(nps_responses.points as {{ double }}) as points,
        coalesce(
            first_touches.first_touched_on <= nps_responses.responded_on, false
        ) as is_contacted,
        nps_responses.responded_on
    from nps_responses
    left join first_touches
        on nps_responses.account_id = first_touches.account_id

),

nps_answers as (

    select
        'nps_contacted_minus_not' as metric_id,
        response_id as case_id,
        account_id,
        case when is_contacted then points end as numerator,
        case when not is_contacted then points end as denominator,
        responded_on as counted_on
    from nps_points

),

cases as (

    {% for cases in [
        'volumes', 'lead_opportunities', 'lead_closes', 'lead_contacts', 'signups',
        'activations', 'touched_accounts', 'usage_around_touches', 'answers', 'deals',
        'added_revenue', 'sourced_deals', 'experiments', 'nps_answers',
    ] %}
    select * from {{ cases }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

pls_metric_cases as (

    select
        cases.metric_id,
        cases.case_id,
        cases.account_id,
        accounts.segment,
        cases.numerator,
        cases.denominator,
        cases.counted_on,
        {{ month_start('cases.counted_on') }} as period_month
    from cases
    inner join definitions
        on cases.metric_id = definitions.metric_id
    left join accounts
        on cases.account_id = accounts.account_id
    -- What our own people pay, answer or are offered says nothing.
    where cases.account_id is null or cases.account_id not like 'internal:%'

)

select * from pls_metric_cases
