-- One row per account_id, as_of_date and score_model with the score and its tier.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

account_metrics as (

    select * from {{ ref('int_account_metrics') }}

),

user_scores as (

    select * from {{ ref('int_user_scores') }}

),

signals_fired as (

    select * from {{ ref('int_signals_fired') }}

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

accounts_to_score as (

    select
        account_metrics.account_id,
        score_models.score_model,
        account_metrics.users,
        account_metrics.active_users_30d,
        account_metrics.departments_30d,
        account_metrics.is_icp,
        account_metrics.as_of_date
    from account_metrics
    cross join score_models
    cross join as_of
    where
        account_metrics.account_id not like 'internal:%'
        and (
            account_metrics.as_of_date = as_of.as_of_date
            or score_models.score_model = '{{ var("active_score_model") }}'
        )

),

-- Fit stands as a term of its own, so it is counted once and not once per user.
user_terms as (

    select
        account_id,
        score_model,
        {% if var('pqa_user_term') == 'literal' -%}
            {{ total('score') }} as user_score,
        {%- else -%}
            {{ total(
                'case when behaviour_score > 0 then behaviour_score else 0 end'
            ) }} as user_score,
        {%- endif %}
        as_of_date
    from user_scores
    group by account_id, score_model, as_of_date

),

account_points as (

    select
        entity_id as account_id,
        score_model,
        {{ total(
            "case when category = 'firmographic' then 0 else points end"
        ) }} as account_signal_score,
        {{ total(
            "case when category = 'firmographic' then points else 0 end"
        ) }} as fit_score,
        as_of_date
    from signals_fired
    where level = 'account' and is_counted
    group by entity_id, score_model, as_of_date

),

scores as (

    select
        accounts_to_score.*,
        coalesce(user_terms.user_score, 0) as user_score,
        coalesce(account_points.account_signal_score, 0) as account_signal_score,
        coalesce(account_points.fit_score, 0) as fit_score,
        coalesce(user_terms.user_score, 0)
        + coalesce(account_points.account_signal_score, 0) as engagement_score,
        coalesce(user_terms.user_score, 0)
        + coalesce(account_points.account_signal_score, 0)
        + coalesce(account_points.fit_score, 0) as score
    from accounts_to_score
    left join user_terms
        on
            accounts_to_score.account_id = user_terms.account_id
            and accounts_to_score.score_model = user_terms.score_model
            and accounts_to_score.as_of_date = user_terms.as_of_date
    left join account_points
        on
            accounts_to_score.account_id = account_points.account_id
            and accounts_to_score.score_model = account_points.score_model
            and accounts_to_score.as_of_date = account_points.as_of_date

),

matching_tiers as (

    select
        scores.account_id,
        scores.score_model,
        scores.as_of_date,
        min(pqa_tiers.tier) as tier
    from scores
    inner join pqa_tiers
        on
            (pqa_tiers.min_users is null or scores.users >= pqa_tiers.min_users)
            and (
                pqa_tiers.min_departments is null
                or scores.departments_30d >= pqa_tiers.min_departments
            )
            and (
                not coalesce(pqa_tiers.requires_icp, false)
                or coalesce(scores.is_icp, 0) = 1
            )
            and (pqa_tiers.min_score is null or scores.score >= pqa_tiers.min_score)
    group by scores.account_id, scores.score_model, scores.as_of_date

),

account_scores as (

    select
        scores.account_id,
        scores.score_model,
        pqa_tiers.tier_name,
        matching_tiers.tier,
        scores.score,
        scores.user_score,
        scores.account_signal_score,
        scores.fit_score,
        scores.engagement_score,
        scores.users,
        scores.active_users_30d,
        scores.as_of_date
    from scores
    inner join matching_tiers
        on
            scores.account_id = matching_tiers.account_id
            and scores.score_model = matching_tiers.score_model
            and scores.as_of_date = matching_tiers.as_of_date
    inner join pqa_tiers
        on matching_tiers.tier = pqa_tiers.tier

)

select * from account_scores
