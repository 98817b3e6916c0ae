-- A PQA score is what its users add, its own signals and its fit; and what its users
-- add is what their own scores say.
with

pqa_scores as (

    select * from {{ ref('pqa_scores') }}

),

user_terms as (

    select
        account_id,
        score_model,
        sum(
            {% if var('pqa_user_term') == 'literal' %}
            score
            {% else %}
            greatest(behaviour_score, 0)
            {% endif %}
        ) as user_score
    from {{ ref('pql_scores') }}
    group by account_id, score_model

)

select
    pqa_scores.account_id,
    pqa_scores.score_model,
    pqa_scores.score,
    pqa_scores.user_score,
    user_terms.user_score as score_of_users
from pqa_scores
left join user_terms
    on
        pqa_scores.account_id = user_terms.account_id
        and pqa_scores.score_model = user_terms.score_model
where
    pqa_scores.score
    != pqa_scores.user_score + pqa_scores.account_signal_score + pqa_scores.fit_score
    or pqa_scores.engagement_score != pqa_scores.score - pqa_scores.fit_score
    or pqa_scores.user_score != coalesce(user_terms.user_score, 0)
