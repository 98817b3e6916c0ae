-- One row per level, metric and measure it counts, with its window of days.
with

metrics as (

    select * from {{ ref('metrics') }}

),

known_measures as (

    select
        'user' as level,
        measure
    from {{ ref('int_user_measures') }}
    group by measure
    union all
    select
        'account' as level,
        measure
    from {{ ref('int_account_measures') }}
    group by measure

),

metric_measures as (

    select
        metrics.level,
        metrics.metric,
        known_measures.measure,
        metrics.counted_as,
        case
            {% for level in ['user', 'account'] -%}
            when metrics.level = '{{ level }}'
                then metrics.metric in (
                    {% for metric in daily_metrics(level) -%}
                    '{{ metric }}'{{ ',' if not loop.last }}
                    {% endfor -%}
                )
            {% endfor -%}
        end as is_daily,
        case
            {% for level in ['user', 'account'] -%}
            {% for metric in counted_metrics(level) -%}
            when metrics.level = '{{ level }}' and metrics.metric = '{{ metric }}'
                then {{ metric_number(level, metric) }}
            {% endfor -%}
            {% endfor -%}
        end as metric_number,
        metrics.from_days,
        metrics.until_days
    from metrics
    inner join known_measures
        on
            metrics.level = known_measures.level
            and {{ dbt.position(
                "'|' || known_measures.measure || '|'",
                "'|' || metrics.measures || '|'"
            ) }} > 0

)

select * from metric_measures
