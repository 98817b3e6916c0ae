-- One row per question_id: whether it is time to layer sales onto the product, and why.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

questions as (

    select * from {{ ref('readiness_questions') }}

),

readiness_answers as (

    select * from {{ ref('readiness_answers') }}

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

outcomes as (

    select * from {{ ref('account_outcomes') }}

),

pls_metrics as (

    select * from {{ ref('pls_metrics') }}
    where segment = 'all'

),

signal_health as (

    select * from {{ ref('signal_health') }}
    where score_model = '{{ var("active_score_model") }}'

),

signals as (

    select * from {{ ref('signals') }}
    where score_model = '{{ var("active_score_model") }}'

),

deal_feedback as (

    select * from {{ ref('int_deal_feedback') }}
    where is_lost

),

measured_accounts as (

    select
        accounts.account_id,
        accounts.employee_count,
        accounts.is_paying,
        accounts.first_seen_on,
        coalesce(accounts.mrr_usd, 0) as mrr_usd,
        account_metrics.users,
        account_metrics.active_users_30d,
        account_metrics.departments_30d,
        account_metrics.new_users_30d,
        account_metrics.workspaces,
        account_metrics.security_views_30d + account_metrics.enterprise_requests_90d
            as procurement_signs,
        account_values.value_axis,
        account_values.estimated_acv_usd,
        outcomes.conversion_motion,
        {{ days_between('accounts.first_seen_on', 'as_of.as_of_date') }} as age_days
    from accounts
    cross join as_of
    inner join account_metrics
        on accounts.account_id = account_metrics.account_id
    inner join account_values
        on accounts.account_id = account_values.account_id
    inner join outcomes
        on accounts.account_id = outcomes.account_id

),

-- Null where nothing can be told: a company whose size nobody knows is no small one.
account_values_of_questions as (

    select
        {% set counts = {
            'enterprise_demand': (
                'employee_count >= 500 and active_users_30d > 0'
                ~ ' and departments_30d <= 1'
            ),
            'large_deal_potential': '12 * mrr_usd <= 500 and estimated_acv_usd >= 50000',
            'complex_procurement': 'procurement_signs > 0',
            'seat_consolidation': 'workspaces >= 2 and users >= 5',
            'active_free_accounts': 'active_users_30d > 0 and not is_paying',
            'stuck_accounts': 'mrr_usd <= 200 and estimated_acv_usd >= 20000',
            'enterprise_signups': 'employee_count >= 500 and users >= 2',
        } %}
        {% for question, condition in counts.items() %}
        case
            {% if 'employee_count' in condition %}
            when count(employee_count) = 0 then null
            {% endif %}
            when count(*) > 0
                then sum(case when {{ condition }} then 1.0 else 0.0 end)
        end as {{ question }},
        {% endfor %}
        sum(
            case
                when users >= 3 and departments_30d = 1 and new_users_30d = 0 then 1.0
                else 0.0
            end
        )
        / nullif(sum(case when users >= 3 then 1.0 else 0.0 end), 0)
            as expansion_stalling,
        sum(
            case
                when value_axis = 'high' and active_users_30d > 0 then estimated_acv_usd
            end
        )
        / nullif(
            sum(
                case
                    when value_axis = 'high' and active_users_30d > 0 then 1.0 else 0.0
                end
            ),
            0
        ) as potential_deal_size,
        sum(
            case
                when age_days between 60 and 150 and active_users_30d > 0 then 1.0
                else 0.0
            end
        )
        / nullif(sum(case when age_days between 60 and 150 then 1.0 else 0.0 end), 0)
            as product_market_fit,
        sum(
            case
                when conversion_motion = 'self_serve' then 12 * mrr_usd
                when conversion_motion = 'sales_assisted' then 0
            end
        ) as self_serve_arr
    from measured_accounts

),

ranked_months as (

    select
        metric_id,
        numerator,
        denominator,
        value,
        row_number() over (
            partition by metric_id order by period_month desc
        ) as month_rank
    from pls_metrics
    where
        is_mature
        and metric_id in (
            'activation_rate', 'pql_volume', 'free_to_paid_rate', 'self_serve_ceiling'
        )

),

-- How many of the last mature months lie within a tenth of the newest.
month_values as (

    select
        sum(case when metric_id = 'activation_rate' then numerator end)
        / nullif(sum(case when metric_id = 'activation_rate' then denominator end), 0)
            as activation,
        sum(case when metric_id = 'pql_volume' and month_rank = 1 then value end)
            as leads_per_month,
        case
            when
                count(case when metric_id = 'free_to_paid_rate' then value end) = 3
                then sum(
                    case
                        when metric_id = 'free_to_paid_rate' and is_flat then 1.0
                        else 0.0
                    end
                )
        end as conversion_plateau,
        case
            when
                count(case when metric_id = 'self_serve_ceiling' then value end) = 3
                then sum(
                    case
                        when metric_id = 'self_serve_ceiling' and is_flat then 1.0
                        else 0.0
                    end
                )
        end as self_serve_ceiling
    from (
        select
            ranked_months.*,
            abs(ranked_months.value - newest.value) <= 0.1 * newest.value as is_flat
        from ranked_months
        inner join ranked_months as newest
            on
                ranked_months.metric_id = newest.metric_id
                and newest.month_rank = 1
        where ranked_months.month_rank <= 3
    ) as last_months

),

fired_categories as (

    select
        cast(
            count(distinct case when signal_health.fired > 0 then signals.category end)
            as {{ engine_type('double') }}
        ) as signals_instrumented
    from signals
    left join signal_health
        on
            signals.level = signal_health.level
            and signals.signal_id = signal_health.signal_id
    where signals.category not in ('firmographic', 'negative')

),

-- That no note names a competitor does not mean that none was there.
lost_deals as (

    select
        cast(
            nullif(count(*), 0) as {{ engine_type('double') }}
        ) as competitor_pressure
    from deal_feedback
    where
        lower(coalesce(objections, '') || coalesce(deal_trigger, ''))
        like '%competitor%'

),

answer_values as (

    {% for relation, names in {
        'account_values_of_questions': counts.keys() | list + [
            'expansion_stalling', 'potential_deal_size', 'product_market_fit',
            'self_serve_arr',
        ],
        'month_values': [
            'activation', 'leads_per_month', 'conversion_plateau', 'self_serve_ceiling',
        ],
        'fired_categories': ['signals_instrumented'],
        'lost_deals': ['competitor_pressure'],
    }.items() %}
    {% set is_last = loop.last %}
    {% for name in names %}
    select
        '{{ name }}' as question_id,
        cast({{ name }} as {{ engine_type('double') }}) as value
    from {{ relation }}
    {{ 'union all' if not (loop.last and is_last) }}
    {% endfor %}
    {% endfor %}

),

known_answers as (

    select readiness_answers.*
    from readiness_answers
    cross join as_of
    where
        readiness_answers.answered_on is null
        or readiness_answers.answered_on <= as_of.as_of_date

),

pls_readiness as (

    select
        questions.question_id,
        questions.kind,
        questions.question,
        case
            when known_answers.question_id is not null then lower(known_answers.answer)
            when answer_values.value is null then 'unknown'
            when answer_values.value >= questions.threshold then 'yes'
            else 'no'
        end as answer,
        coalesce(
            known_answers.note,
            case
                when answer_values.value is null
                    then questions.measure || ': the data does not tell.'
                else
                    questions.measure || ': '
                    || case
                        when questions.unit = 'share'
                            then {{ number_text('100 * answer_values.value') }} || ' %'
                        else {{ number_text('answer_values.value') }}
                    end
                    || '.'
            end
        ) as evidence,
        case
            when known_answers.question_id is not null
                then coalesce(known_answers.answered_by, 'a person')
            when answer_values.value is not null then 'data'
        end as answered_by,
        questions.unit,
        answer_values.value,
        questions.threshold,
        questions.question_order
    from questions
    left join answer_values
        on questions.question_id = answer_values.question_id
    left join known_answers
        on questions.question_id = known_answers.question_id

)

select * from pls_readiness
