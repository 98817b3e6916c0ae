-- What the CRM has already is not sent again; only what it has is updated or cleared.
select
    changes.object_type,
    changes.object_key,
    changes.operation
from {{ ref('crm_changes') }} as changes
left join {{ ref('crm_acknowledged') }} as acknowledged
    on
        changes.object_type = acknowledged.object_type
        and changes.object_key = acknowledged.object_key
where
    (changes.operation = 'insert') != (acknowledged.object_key is null)
    or changes.payload_hash = acknowledged.payload_hash
