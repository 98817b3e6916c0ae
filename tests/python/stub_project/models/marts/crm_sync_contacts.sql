-- One row per key.
select
    object_key as key,
    operation,
    'email' as fields,
    replace(replace(payload, '{"email": "', ''), '"}', '') as email,
    cast(null as {{ dbt.type_string() }}) as full_name,
    payload_hash,
    previous_hash
from {{ ref('crm_changes') }}
where object_type = 'contact'
