-- One row per account_id that is not internal, with what it may be worth.
with

accounts as (

    select * from {{ ref('accounts') }}
    where not is_internal

),

plans as (

    select * from {{ ref('plans') }}

),

current_plans as (

    select
        accounts.account_id,
        accounts.segment,
        accounts.plan,
        accounts.active_users_30d,
        accounts.employee_count,
        accounts.seats,
        accounts.mrr_usd,
        plans.rank as plan_rank,
        plans.seat_price_usd_month
    from accounts
    left join plans
        on accounts.plan = plans.plan

),

-- The plan above the current one; for an account without a known plan the first paid.
ranked_next_plans as (

    select
        current_plans.account_id,
        plans.plan as next_plan,
        plans.seat_price_usd_month,
        row_number() over (
            partition by current_plans.account_id
            order by plans.rank, plans.plan
        ) as plan_order
    from current_plans
    inner join plans
        on
            current_plans.plan_rank < plans.rank
            or (current_plans.plan_rank is null and plans.is_paid)

),

-- On the top plan an account can still grow by seats.
priced_accounts as (

    select
        current_plans.account_id,
        current_plans.segment,
        current_plans.plan,
        coalesce(ranked_next_plans.next_plan, current_plans.plan) as next_plan,
        greatest(
            cast(current_plans.active_users_30d as {{ engine_type('double') }}),
            coalesce(current_plans.employee_count, 0)
            * cast({{ var('expected_seat_share') }} as {{ engine_type('double') }}),
            cast(coalesce(current_plans.seats, 0) as {{ engine_type('double') }})
        ) as estimated_seats,
        coalesce(
            ranked_next_plans.seat_price_usd_month,
            current_plans.seat_price_usd_month,
            0
        ) as seat_price_usd_month,
        coalesce(current_plans.mrr_usd, 0) as mrr_usd
    from current_plans
    left join ranked_next_plans
        on
            current_plans.account_id = ranked_next_plans.account_id
            and ranked_next_plans.plan_order = 1

),

estimated_accounts as (

    select
        *,
        estimated_seats * seat_price_usd_month * 12 as estimated_acv_usd
    from priced_accounts

),

account_values as (

    select
        account_id,
        case
            when
                segment in (
                    {% for segment in var('high_value_segments') -%}
                    '{{ segment }}'{{ ', ' if not loop.last }}
                    {%- endfor %}
                )
                or estimated_acv_usd >= {{ var('sales_assist_acv_usd') }}
                then 'high'
            else 'low'
        end as value_axis,
        segment,
        plan,
        next_plan,
        estimated_seats,
        seat_price_usd_month,
        estimated_acv_usd,
        greatest(estimated_acv_usd - mrr_usd * 12, 0) as expansion_value_usd
    from estimated_accounts

)

select * from account_values
