-- An account's tier is the best row of pqa_tiers.csv whose conditions all hold.
with

pqa_scores as (

    select
        pqa_scores.*,
        account_metrics.departments_30d,
        account_metrics.is_icp
    from {{ ref('pqa_scores') }} as pqa_scores
    inner join {{ ref('account_metrics') }} as account_metrics
        on pqa_scores.account_id = account_metrics.account_id

),

pqa_tiers as (

    select * from {{ ref('pqa_tiers') }}

),

checked_tiers as (

    select
        pqa_scores.account_id,
        pqa_scores.score_model,
        pqa_scores.tier as given_tier,
        pqa_tiers.tier as checked_tier,
        pqa_scores.users >= coalesce(pqa_tiers.min_users, 0)
        and pqa_scores.departments_30d >= coalesce(pqa_tiers.min_departments, 0)
        and (
            not coalesce(pqa_tiers.requires_icp, false)
            or coalesce(pqa_scores.is_icp, 0) = 1
        )
        and pqa_scores.score >= coalesce(pqa_tiers.min_score, pqa_scores.score) as holds
    from pqa_scores
    cross join pqa_tiers
    where pqa_tiers.tier <= pqa_scores.tier

)

select * from checked_tiers
where holds != (checked_tier = given_tier)
