-- One row per account_id, as_of_date and score_model with the score and its tier.
{%- set metrics = scored_metrics('account') %}
with

account_metrics as (

    select * from {{ ref('int_account_metrics') }}

),

user_scores as (

    select * from {{ ref('int_user_scores') }}

),

metric_signals as (

    select * from {{ ref('int_metric_signals') }}

),

ladder_points as (

    select * from {{ ref('int_ladder_points') }}
    where level = 'account'

),

signals as (

    select * from {{ ref('signals') }}

),

pqa_tiers as (

    select * from {{ ref('pqa_tiers') }}

),

score_models as (

    select score_model
    from signals
    group by score_model

),

metric_points as (

    select
        metric,
        score_model,
        metric_value,
        {{ total('points') }} as points,
        {{ total(
            "case when category = 'firmographic' then points else 0 end"
        ) }} as fit_points
    from metric_signals
    where level = 'account' and is_counted and not is_spanning
    group by metric, score_model, metric_value

),

accounts_to_score as {{ not_materialized() }} (

    select
        account_metrics.*,
        score_models.score_model
    from account_metrics
    cross join score_models
    where account_metrics.account_id not like 'internal:%'

),

-- Fit stands as a term of its own, so it is counted once and not once per user.
user_terms as (

    select
        user_id,
        account_id,
        score_model,
        {{ user_term('score', 'behaviour_score') }} as user_term,
        case when grade = 'hot' and is_active_30d then 1 else 0 end as is_hot,
        as_of_date
    from user_scores

),

-- A user's score stands until it changes: the account's day adds the differences up.
changed_user_terms as (

    select
        account_id,
        score_model,
        {% for term in ['user_term', 'is_hot'] -%}
        {{ term }} - coalesce(
            lag({{ term }}) over (
                partition by user_id, score_model order by as_of_date
            ),
            0
        ) as {{ term }}_change,
        {% endfor -%}
        as_of_date
    from user_terms

),

user_term_changes as (

    select
        account_id,
        score_model,
        {{ total('user_term_change') }} as user_score_change,
        {{ total('is_hot_change') }} as hot_users_change,
        as_of_date
    from changed_user_terms
    group by account_id, score_model, as_of_date

),

-- Summed up before the points are looked up: fewer columns to sort.
user_terms_of_accounts as (

    select
        accounts_to_score.account_id,
        accounts_to_score.score_model,
        {% for column in ['user_score', 'hot_users'] -%}
        cast(sum(coalesce(user_term_changes.{{ column }}_change, 0)) over (
            partition by accounts_to_score.account_id, accounts_to_score.score_model
            order by accounts_to_score.as_of_date
            rows between unbounded preceding and current row
        ) as {{ dbt.type_bigint() }}) as {{ column }},
        {% endfor -%}
        accounts_to_score.as_of_date
    from accounts_to_score
    left join user_term_changes
        on
            accounts_to_score.account_id = user_term_changes.account_id
            and accounts_to_score.score_model = user_term_changes.score_model
            and accounts_to_score.as_of_date = user_term_changes.as_of_date

),

scores as (

    select
        accounts_to_score.account_id,
        accounts_to_score.score_model,
        accounts_to_score.users,
        accounts_to_score.active_users_30d,
        coalesce(accounts_to_score.departments_30d, 0) as departments_30d,
        accounts_to_score.growth_weeks,
        coalesce(accounts_to_score.is_icp, 0) as is_icp,
        user_terms_of_accounts.user_score,
        user_terms_of_accounts.hot_users,
        coalesce(ladder_points.points, 0)
        {%- for metric in metrics %}
        + coalesce({{ metric }}_points.points, 0)
        {%- endfor %} as points,
        coalesce(ladder_points.fit_points, 0)
        {%- for metric in metrics %}
        + coalesce({{ metric }}_points.fit_points, 0)
        {%- endfor %} as fit_score,
        accounts_to_score.as_of_date
    from accounts_to_score
    {% for metric in metrics %}
    left join metric_points as {{ metric }}_points
        on
            {{ metric }}_points.metric = '{{ metric }}'
            and accounts_to_score.score_model = {{ metric }}_points.score_model
            and accounts_to_score.{{ metric }} = {{ metric }}_points.metric_value
    {% endfor %}
    left join ladder_points
        on
            accounts_to_score.account_id = ladder_points.entity_id
            and accounts_to_score.score_model = ladder_points.score_model
            and accounts_to_score.as_of_date = ladder_points.as_of_date
    inner join user_terms_of_accounts
        on
            accounts_to_score.account_id = user_terms_of_accounts.account_id
            and accounts_to_score.score_model = user_terms_of_accounts.score_model
            and accounts_to_score.as_of_date = user_terms_of_accounts.as_of_date

),

summed_scores as (

    select
        *,
        points - fit_score as account_signal_score,
        user_score + points - fit_score as engagement_score,
        user_score + points as score
    from scores

),

-- The tier is decided once for each combination of what tiers ask for.
tier_values as (

    select
        users,
        departments_30d,
        is_icp,
        score
    from summed_scores
    group by users, departments_30d, is_icp, score

),

matching_tiers as (

    select
        tier_values.users,
        tier_values.departments_30d,
        tier_values.is_icp,
        tier_values.score,
        min(pqa_tiers.tier) as tier
    from tier_values
    inner join pqa_tiers
        on
            (pqa_tiers.min_users is null or tier_values.users >= pqa_tiers.min_users)
            and (
                pqa_tiers.min_departments is null
                or tier_values.departments_30d >= pqa_tiers.min_departments
            )
            and (
                not coalesce(pqa_tiers.requires_icp, false)
                or tier_values.is_icp = 1
            )
            and (
                pqa_tiers.min_score is null
                or tier_values.score >= pqa_tiers.min_score
            )
    group by
        tier_values.users,
        tier_values.departments_30d,
        tier_values.is_icp,
        tier_values.score

),

account_scores as (

    select
        summed_scores.account_id,
        summed_scores.score_model,
        pqa_tiers.tier_name,
        matching_tiers.tier,
        summed_scores.score,
        summed_scores.user_score,
        summed_scores.account_signal_score,
        summed_scores.fit_score,
        summed_scores.engagement_score,
        summed_scores.users,
        summed_scores.active_users_30d,
        summed_scores.departments_30d,
        summed_scores.growth_weeks,
        summed_scores.hot_users,
        summed_scores.as_of_date
    from summed_scores
    inner join matching_tiers
        on
            summed_scores.users = matching_tiers.users
            and summed_scores.departments_30d = matching_tiers.departments_30d
            and summed_scores.is_icp = matching_tiers.is_icp
            and summed_scores.score = matching_tiers.score
    inner join pqa_tiers
        on matching_tiers.tier = pqa_tiers.tier

)

select * from account_scores
