-- One row per period_month, topic and item_key that reps wrote down after deals.
with

deal_feedback as (

    select * from {{ ref('int_deal_feedback') }}

),

-- Several things in one field are told apart by semicolons.
separate_items as (

    {% for topic, column in {
        'tipped_the_deal': 'deal_trigger',
        'objection': 'objections',
        'missing': 'requested_features',
        'blocked_self_serve': 'self_serve_blocker',
    }.items() %}
    {% set is_last = loop.last %}
    {% for place in [1, 2, 3, 4, 5, 6, 7, 8] %}
    select
        opportunity_id,
        '{{ topic }}' as topic,
        nullif(trim({{ dbt.split_part(column, "';'", place) }}), '') as item,
        amount_usd,
        is_won,
        is_lost,
        {{ month_start('logged_on') }} as period_month
    from deal_feedback
    where {{ column }} is not null
    {{ 'union all' if not (loop.last and is_last) }}
    {% endfor %}
    {% endfor %}

),

-- Written in small or capital letters, it is one thing.
named_items as (

    select
        opportunity_id,
        topic,
        lower(item) as item_key,
        amount_usd,
        is_won,
        is_lost,
        min(item) as item,
        period_month
    from separate_items
    where item is not null
    group by
        opportunity_id, topic, lower(item), amount_usd, is_won, is_lost, period_month

),

product_feedback_monthly as (

    select
        period_month,
        topic,
        item_key,
        min(item) as item,
        count(*) as deals,
        {{ total('case when is_won then 1 else 0 end') }} as won_deals,
        {{ total('case when is_lost then 1 else 0 end') }} as lost_deals,
        sum(coalesce(amount_usd, 0)) as amount_usd
    from named_items
    group by period_month, topic, item_key

)

select * from product_feedback_monthly
