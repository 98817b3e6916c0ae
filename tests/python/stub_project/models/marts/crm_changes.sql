-- One row per object_type and object_key: one of each operation, as of nothing acknowledged.
select
    'account' as object_type,
    'acme.com' as object_key,
    'insert' as operation,
    '{"pqa_score": "50"}' as payload,
    md5('{"pqa_score": "50"}') as payload_hash,
    cast(null as {{ dbt.type_string() }}) as previous_hash
union all
select 'contact', user_id, 'insert', '{"email": "' || email || '"}', md5(email), null
from {{ ref('users') }}
union all
select 'account', 'gone.com', 'clear', null, null, 'before'
