-- What came with behaviour, what rolled off and what the company changed make up each
-- change of a score; behaviour only adds, and what rolls off only takes.
select *
from {{ ref('score_transitions') }}
where
    from_score + behaviour_points + rolled_off_points + company_points != to_score
    or behaviour_points < 0
    or rolled_off_points > 0
