-- One row per key.
select
    object_key as key,
    operation,
    'subject' as fields,
    'Talk' as subject, date '2026-05-02' as due_by,
    payload_hash,
    previous_hash
from {{ ref('crm_changes') }}
where object_type = 'task'
