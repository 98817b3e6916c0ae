-- One row: the account of all users.
select
    'acme.com' as account_id,
    'template' as score_model,
    10 * count(*) + 30 as score,
    10 * count(*) as user_score,
    20 as account_signal_score,
    10 as fit_score,
    10 * count(*) + 20 as engagement_score,
    3 as tier,
    'SMB' as tier_name,
    count(*) as active_users_30d
from {{ ref('users') }}
