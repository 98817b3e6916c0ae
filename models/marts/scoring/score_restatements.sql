-- One row per level and entity_id whose score of the last build's day is another now.
-- Transitions tell what an entity did; this tells what changed behind its back:
-- weights, data that came late, or the mapping of users to accounts.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

score_model_version as (

    select * from {{ ref('int_score_model_version') }}

),

user_scores as (

    select * from {{ ref('int_user_scores') }}

),

account_scores as (

    select * from {{ ref('int_account_scores') }}

),

scores_before as (

    {{ scores_before() }}

),

-- Days that are not scored again hold what they held.
scores_now as (

    select
        scores_before.level,
        scores_before.entity_id,
        user_scores.account_id,
        user_scores.grade as label,
        user_scores.score
    from scores_before
    inner join user_scores
        on
            scores_before.level = 'user'
            and scores_before.entity_id = user_scores.user_id
            and scores_before.score_model = user_scores.score_model
            and scores_before.as_of_date >= user_scores.as_of_date
            and scores_before.as_of_date <= user_scores.valid_until
    union all
    select
        scores_before.level,
        scores_before.entity_id,
        account_scores.account_id,
        account_scores.tier_name as label,
        account_scores.score
    from scores_before
    inner join account_scores
        on
            scores_before.level = 'account'
            and scores_before.entity_id = account_scores.account_id
            and scores_before.score_model = account_scores.score_model
            and scores_before.as_of_date = account_scores.as_of_date

),

score_restatements as (

    select
        scores_before.level,
        scores_before.entity_id,
        scores_now.account_id,
        scores_before.score_model,
        scores_before.label as from_label,
        scores_now.label as to_label,
        case
            when
                scores_before.score_model_version
                != score_model_version.score_model_version
                then 'changed_weights'
            else 'late_data_or_mapping'
        end as cause,
        scores_before.score as from_score,
        scores_now.score as to_score,
        scores_before.as_of_date as restated_on
    from scores_before
    cross join as_of
    inner join score_model_version
        on scores_before.score_model = score_model_version.score_model
    inner join scores_now
        on
            scores_before.level = scores_now.level
            and scores_before.entity_id = scores_now.entity_id
    where
        scores_before.as_of_date <= as_of.as_of_date
        and (
            scores_before.score != scores_now.score
            or scores_before.label != scores_now.label
        )

)

select * from score_restatements
