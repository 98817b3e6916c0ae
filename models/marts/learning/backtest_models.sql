-- One row per score_model, level and period_month: how well scores told who would pay.
{%- set label = conversion_label() %}
with

labelled_scores as (

    select * from {{ ref('int_labelled_scores') }}
    where {{ label }} is not null

),

looks as (

    select
        score_model,
        level,
        account_id,
        score,
        case when {{ label }} then 1 else 0 end as is_converted,
        {{ month_start('as_of_date') }} as period_month
    from labelled_scores

),

accounts as (

    select
        score_model,
        level,
        period_month,
        count(distinct account_id) as accounts,
        count(distinct case when is_converted = 1 then account_id end)
            as converted_accounts
    from looks
    group by score_model, level, period_month

),

scores as (

    select
        score_model,
        level,
        period_month,
        score,
        count(*) as examples,
        {{ total('is_converted') }} as converted_examples
    from looks
    group by score_model, level, period_month, score

),

placed_scores as (

    select
        *,
        sum(examples) over (
            partition by score_model, level, period_month
        ) as all_examples,
        sum(converted_examples) over (
            partition by score_model, level, period_month
        ) as all_converted,
        sum(examples) over (
            partition by score_model, level, period_month
            order by score desc
            rows between unbounded preceding and current row
        ) - examples as examples_above,
        sum(examples - converted_examples) over (
            partition by score_model, level, period_month
            order by score
            rows between unbounded preceding and current row
        ) - (examples - converted_examples) as others_below
    from scores

),

-- Equal scores share the border of the first tenth by their number.
tenths as (

    select
        *,
        case
            when examples_above >= 0.1 * all_examples then 0
            when examples_above + examples <= 0.1 * all_examples then 1
            else {{ ratio('(0.1 * all_examples - examples_above)', 'examples') }}
        end as share_in_tenth
    from placed_scores

),

-- The area under the ROC curve is the share of pairs of one who paid and one who did
-- not in which who paid had the higher score, ties counting half (Mann-Whitney).
months as (

    select
        score_model,
        level,
        period_month,
        {{ total('examples') }} as examples,
        {{ total('converted_examples') }} as converted_examples,
        sum(
            converted_examples
            * (others_below + (examples - converted_examples) / 2.0)
        ) as pairs_in_order,
        sum(share_in_tenth * converted_examples) as converted_in_tenth
    from tenths
    group by score_model, level, period_month

),

measured_months as (

    select
        months.*,
        accounts.accounts,
        accounts.converted_accounts,
        {{ ratio(
            'months.pairs_in_order',
            'months.converted_examples'
            ~ ' * (months.examples - months.converted_examples)',
        ) }} as auc,
        {{ ratio(
            'months.converted_in_tenth', '0.1 * months.converted_examples'
        ) }} as top_decile_lift
    from months
    inner join accounts
        on
            months.score_model = accounts.score_model
            and months.level = accounts.level
            and months.period_month = accounts.period_month

),

-- The variance after Hanley and McNeil (1982), of accounts, for looks at one account
-- are not independent of each other.
variances as (

    select
        *,
        (
            auc * (1 - auc)
            + (converted_accounts - 1) * (auc / (2 - auc) - auc * auc)
            + (accounts - converted_accounts - 1)
            * (2 * auc * auc / (1 + auc) - auc * auc)
        ) / nullif(
            converted_accounts * (accounts - converted_accounts), 0
        ) as auc_variance
    from measured_months

),

bounded_months as (

    select
        *,
        {{ normal_quantile() }}
        * power(case when auc_variance > 0 then auc_variance end, 0.5) as auc_margin
    from variances

),

champions as (

    select
        level,
        period_month,
        auc as champion_auc
    from measured_months
    where score_model = '{{ var("active_score_model") }}'

),

backtest_models as (

    select
        bounded_months.score_model,
        bounded_months.level,
        {{ var('conversion_days') }} as horizon_days,
        bounded_months.examples,
        bounded_months.converted_examples,
        bounded_months.accounts,
        bounded_months.converted_accounts,
        bounded_months.auc,
        case
            when bounded_months.auc > bounded_months.auc_margin
                then bounded_months.auc - bounded_months.auc_margin
            when bounded_months.auc_margin is not null then 0
        end as auc_low,
        case
            when bounded_months.auc + bounded_months.auc_margin < 1
                then bounded_months.auc + bounded_months.auc_margin
            when bounded_months.auc_margin is not null then 1
        end as auc_high,
        bounded_months.auc - champions.champion_auc as auc_gain,
        bounded_months.top_decile_lift,
        bounded_months.score_model = '{{ var("active_score_model") }}' as is_champion,
        bounded_months.period_month
    from bounded_months
    left join champions
        on
            bounded_months.level = champions.level
            and bounded_months.period_month = champions.period_month

)

select * from backtest_models
