-- One row per level, entity_id and as_of_date: what was known, and what came of it.
{%- set user_metrics = counted_metrics('user') + computed_metrics('user') %}
{%- set account_metrics = counted_metrics('account') + computed_metrics('account') %}
with

examples as (

    select * from {{ ref('int_examples') }}

),

user_examples as (

    select * from {{ ref('int_user_examples') }}

),

account_examples as (

    select * from {{ ref('int_account_examples') }}

),

example_signals as (

    select * from {{ ref('int_example_signals') }}
    where score_model = '{{ var("active_score_model") }}' and is_counted

),

listed_signals as (

    select
        level,
        entity_id,
        as_of_date,
        {{ dbt.listagg('signal_id', "', '", 'order by signal_id') }} as signals
    from example_signals
    group by level, entity_id, as_of_date

),

calibration_examples as (

    select
        examples.level,
        examples.entity_id,
        examples.account_id,
        '{{ var("active_score_model") }}' as score_model,
        listed_signals.signals,
        examples.score,
        {% for metric in (user_metrics + account_metrics) | unique %}
        {% if metric not in account_metrics %}
        user_examples.{{ metric }},
        {% elif metric not in user_metrics %}
        account_examples.{{ metric }},
        {% else %}
        coalesce(user_examples.{{ metric }}, account_examples.{{ metric }})
            as {{ metric }},
        {% endif %}
        {% endfor %}
        {% for days in label_days() %}
        examples.is_converted_{{ days }}d,
        {% endfor %}
        examples.as_of_date
    from examples
    -- With a condition on the level it would be no join by equality, and every example
    -- would meet every other.
    left join user_examples
        on
            case when examples.level = 'user' then examples.entity_id end
            = user_examples.user_id
            and examples.as_of_date = user_examples.as_of_date
    left join account_examples
        on
            case when examples.level = 'account' then examples.entity_id end
            = account_examples.account_id
            and examples.as_of_date = account_examples.as_of_date
    left join listed_signals
        on
            examples.level = listed_signals.level
            and examples.entity_id = listed_signals.entity_id
            and examples.as_of_date = listed_signals.as_of_date

)

select * from calibration_examples
