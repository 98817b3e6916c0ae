-- One row: this build.
select
    '{{ invocation_id }}' as build_id,
    date '2026-05-03' as as_of_date,
    cast(now() at time zone 'UTC' as timestamp) as built_at,
    'template' as active_score_model,
    '{{ env_var("PLS_GIT_COMMIT", "") }}' as git_commit,
    count(*) as users
from {{ ref('users') }}
