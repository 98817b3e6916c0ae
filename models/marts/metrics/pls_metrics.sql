-- One row per metric_id, period_month and segment: the number and how good that is.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

benchmarks as (

    select * from {{ ref('metric_benchmarks') }}

),

segments as (

    select * from {{ ref('segments') }}

),

cases as (

    select * from {{ ref('pls_metric_cases') }}

),

definitions as (

    select * from benchmarks
    where segment = 'all'

),

-- Months from the first case on: one without cases is a row that says so.
months as (

    select period_month
    from cases
    group by period_month
    union distinct
    select {{ month_start('as_of_date') }} as period_month
    from as_of

),

parts as (

    select 'all' as segment
    union all
    select segment from segments

),

segmented_cases as (

    select
        cases.metric_id,
        'all' as segment,
        cases.period_month,
        cases.numerator,
        cases.denominator
    from cases
    union all
    select
        metric_id,
        segment,
        period_month,
        numerator,
        denominator
    from cases
    where segment is not null

),

sums as (

    select
        metric_id,
        segment,
        period_month,
        sum(numerator) as numerator_sum,
        sum(denominator) as denominator_sum,
        sum(numerator) / nullif(count(numerator), 0) as numerator_mean,
        sum(denominator) / nullif(count(denominator), 0) as denominator_mean,
        count(numerator) as numerators,
        count(denominator) as denominators,
        count(*) as all_cases
    from segmented_cases
    group by metric_id, segment, period_month

),

-- The middle one, or the mean of the two in the middle.
{% for side in ['numerator', 'denominator'] %}
ranked_{{ side }}s as (

    select
        metric_id,
        segment,
        period_month,
        {{ side }} as amount,
        row_number() over (
            partition by metric_id, segment, period_month order by {{ side }}
        ) as place,
        count(*) over (partition by metric_id, segment, period_month) as places
    from segmented_cases
    where {{ side }} is not null

),

{{ side }}_medians as (

    select
        metric_id,
        segment,
        period_month,
        sum(amount) / count(*) as median
    from ranked_{{ side }}s
    where 2 * place >= places and 2 * place <= places + 2
    group by metric_id, segment, period_month

),
{% endfor %}

measured_months as (

    select
        definitions.metric_id,
        parts.segment,
        months.period_month,
        definitions.formula,
        definitions.is_from_scores,
        case
            when definitions.formula like 'mean%' then sums.numerator_mean
            when definitions.formula like 'median%' then numerator_medians.median
            when definitions.formula = 'count' then coalesce(sums.numerator_sum, 0)
            else sums.numerator_sum
        end as numerator,
        case
            when definitions.formula in ('mean_ratio', 'mean_growth', 'mean_difference')
                then sums.denominator_mean
            when definitions.formula = 'median_shortening'
                then denominator_medians.median
            when definitions.formula in ('mean', 'median', 'median_trend')
                then cast(sums.numerators as {{ engine_type('double') }})
            when definitions.formula in ('count', 'sum')
                then cast(null as {{ engine_type('double') }})
            else sums.denominator_sum
        end as denominator,
        cast(
            coalesce(
                case
                    when
                        definitions.formula in (
                            'mean_ratio', 'mean_growth', 'mean_difference',
                            'median_shortening'
                        )
                        then least(sums.numerators, sums.denominators)
                    when definitions.formula in ('mean', 'median', 'median_trend')
                        then sums.numerators
                    -- An experiment stands for all of its deals with sales.
                    when definitions.metric_id = 'cannibalisation_rate'
                        then sums.denominator_sum
                    else sums.all_cases
                end,
                0
            ) as {{ engine_type('bigint') }}
        ) as month_cases,
        {{ add_days(
            month_start(add_days('months.period_month', 31)),
            'definitions.window_days - 1',
        ) }} as matures_on
    from definitions
    cross join parts
    cross join months
    left join sums
        on
            definitions.metric_id = sums.metric_id
            and parts.segment = sums.segment
            and months.period_month = sums.period_month
    left join numerator_medians
        on
            definitions.metric_id = numerator_medians.metric_id
            and parts.segment = numerator_medians.segment
            and months.period_month = numerator_medians.period_month
    left join denominator_medians
        on
            definitions.metric_id = denominator_medians.metric_id
            and parts.segment = denominator_medians.segment
            and months.period_month = denominator_medians.period_month

),

rates as (

    select
        *,
        case
            when formula = 'ratio_trend' then numerator / nullif(denominator, 0)
            when formula = 'median_trend' then numerator
        end as month_rate
    from measured_months

),

-- A trend compares with the mean of the three months before.
trends as (

    select
        *,
        sum(month_rate)
            over (
                partition by metric_id, segment
                order by period_month
                rows between 3 preceding and 1 preceding
            )
        / nullif(
            count(month_rate) over (
                partition by metric_id, segment
                order by period_month
                rows between 3 preceding and 1 preceding
            ),
            0
        ) as rate_before,
        count(month_rate) over (
            partition by metric_id, segment
            order by period_month
            rows between 3 preceding and 1 preceding
        ) as months_before,
        -- A comparison is no better known than the least known of its months.
        case
            when formula like '%_trend'
                then min(month_cases) over (
                    partition by metric_id, segment
                    order by period_month
                    rows between 3 preceding and current row
                )
            else month_cases
        end as cases
    from rates

),

-- What comes from scores is unknown before the first whole month of their history.
valued_months as (

    select
        trends.metric_id,
        trends.segment,
        trends.formula,
        trends.period_month,
        trends.matures_on,
        trends.months_before,
        trends.cases,
        case
            when trends.formula like '%_trend' then trends.month_rate
            else trends.numerator
        end as numerator,
        case
            when trends.formula like '%_trend' then trends.rate_before
            else trends.denominator
        end as denominator,
        case
            when
                trends.is_from_scores
                and trends.period_month
                < {{ add_days('as_of.as_of_date', 1 - history_days()) }}
                then cast(null as {{ engine_type('double') }})
            when
                trends.formula in ('count', 'sum', 'mean', 'median')
                then trends.numerator
            when trends.formula in ('ratio', 'mean_ratio')
                then trends.numerator / nullif(trends.denominator, 0)
            when trends.formula in ('growth', 'mean_growth')
                then trends.numerator / nullif(trends.denominator, 0) - 1
            when trends.formula = 'median_shortening'
                then 1 - trends.numerator / nullif(trends.denominator, 0)
            when trends.formula = 'mean_difference'
                then trends.numerator - trends.denominator
            when trends.formula like '%_trend'
                then trends.month_rate / nullif(trends.rate_before, 0) - 1
        end as value
    from trends
    cross join as_of

),

-- Three mature months in a row that hardly differ.
plateaus as (

    select
        *,
        max(value)
            over (
                partition by metric_id, segment
                order by period_month
                rows between 2 preceding and current row
            )
        <= 1.1 * min(value)
            over (
                partition by metric_id, segment
                order by period_month
                rows between 2 preceding and current row
            )
        and count(value) over (
            partition by metric_id, segment
            order by period_month
            rows between 2 preceding and current row
        ) = 3 as is_flat
    from valued_months

),

benchmarked_months as (

    select
        plateaus.metric_id,
        plateaus.segment,
        plateaus.formula,
        plateaus.numerator,
        plateaus.denominator,
        plateaus.value,
        plateaus.cases,
        plateaus.is_flat,
        plateaus.period_month,
        definitions.unit,
        definitions.is_counter_metric,
        case
            when own.metric_id is null then definitions.benchmark_low
            else own.benchmark_low
        end as benchmark_low,
        case
            when own.metric_id is null then definitions.benchmark_high
            else own.benchmark_high
        end as benchmark_high,
        definitions.alarm_low,
        definitions.alarm_high,
        definitions.low_verdict,
        definitions.high_verdict,
        plateaus.cases >= coalesce(definitions.min_cases, 0) as has_cases,
        plateaus.value is not null
        and plateaus.matures_on <= as_of.as_of_date
        and (plateaus.formula not like '%_trend' or plateaus.months_before = 3)
            as is_mature
    from plateaus
    cross join as_of
    inner join definitions
        on plateaus.metric_id = definitions.metric_id
    left join benchmarks as own
        on
            plateaus.metric_id = own.metric_id
            and plateaus.segment = own.segment

),

pls_metrics as (

    select
        metric_id,
        segment,
        unit,
        case
            when not is_mature then null
            when metric_id = 'self_serve_ceiling' and is_flat then 'plateau'
            when value < alarm_low then low_verdict
            when value > alarm_high then high_verdict
            when value < benchmark_low then 'below'
            when value > benchmark_high then 'above'
            when
                benchmark_low is null and benchmark_high is null
                and alarm_low is null and alarm_high is null
                then 'tracked'
            else 'within'
        end as verdict,
        numerator,
        denominator,
        value,
        benchmark_low,
        benchmark_high,
        cases,
        is_mature,
        is_counter_metric,
        coalesce(
            is_mature and has_cases and (value < alarm_low or value > alarm_high),
            false
        ) as is_alarm,
        period_month
    from benchmarked_months

)

select * from pls_metrics
