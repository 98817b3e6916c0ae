-- One row per user_id.
select
    user_id,
    'template' as score_model,
    10 as score,
    10 as behaviour_score,
    'emerging' as grade,
    'no activation' as grade_cap_reason
from {{ ref('users') }}
