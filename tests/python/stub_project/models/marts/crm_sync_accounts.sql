-- One row per key.
select
    object_key as key,
    operation,
    'pqa_score' as fields,
    '=1+1' as account_name, 50 as pqa_score,
    payload_hash,
    previous_hash
from {{ ref('crm_changes') }}
where object_type = 'account'
