-- One row per period_month, topic and item_key that reps wrote down after deals.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

deal_feedback as (

    select * from {{ ref('stg_deal_feedback') }}

),

opportunities as (

    select * from {{ ref('int_crm_opportunities') }}

),

places as (

    {{ number_series(10) }}

),

feedback as (

    {% for topic, column in {
        'tipped_the_deal': 'deal_trigger',
        'objection': 'objections',
        'missing': 'requested_features',
        'blocked_self_serve': 'self_serve_blocker',
    }.items() %}
    select
        opportunity_id,
        '{{ topic }}' as topic,
        {{ column }} as items,
        cast(logged_at as date) as logged_on
    from deal_feedback
    where {{ column }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- Several things in one field are told apart by semicolons.
separate_items as (

    select
        feedback.opportunity_id,
        feedback.topic,
        nullif(trim({{ dbt.split_part(
            'feedback.items', "';'", 'places.n + 1'
        ) }}), '') as item,
        cast({{ dbt.date_trunc('month', 'feedback.logged_on') }} as date)
            as period_month
    from feedback
    cross join places
    cross join as_of
    where feedback.logged_on <= as_of.as_of_date

),

-- Written in small or capital letters, it is one thing.
named_items as (

    select
        opportunity_id,
        topic,
        lower(item) as item_key,
        min(item) as item,
        period_month
    from separate_items
    where item is not null
    group by opportunity_id, topic, lower(item), period_month

),

product_feedback_monthly as (

    select
        named_items.period_month,
        named_items.topic,
        named_items.item_key,
        min(named_items.item) as item,
        count(*) as deals,
        {{ total('case when opportunities.is_won then 1 else 0 end') }} as won_deals,
        {{ total(
            'case when opportunities.is_open or opportunities.is_won then 0'
            ~ ' when opportunities.opportunity_id is null then 0 else 1 end'
        ) }} as lost_deals,
        sum(coalesce(opportunities.amount_usd, 0)) as amount_usd
    from named_items
    left join opportunities
        on named_items.opportunity_id = opportunities.opportunity_id
    group by
        named_items.period_month, named_items.topic, named_items.item_key

)

select * from product_feedback_monthly
