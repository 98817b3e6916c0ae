-- One row per level, entity_id, score_model and day its grade or tier changed.
with

stored_transitions as (

    select * from {{ ref('int_score_transitions') }}

),

score_transitions as (

    select
        level,
        entity_id,
        score_model,
        from_label,
        to_label,
        causes,
        from_score,
        to_score,
        behaviour_points,
        rolled_off_points,
        company_points,
        changed_on
    from stored_transitions

)

select * from score_transitions
