-- One row per key: a task to insert, update or clear in the CRM, with what to send.
with

changes as (

    select * from {{ ref('crm_changes') }}
    where object_type = 'task'

),

crm_sync_tasks as (

    select
        object_key as key,
        operation,
        fields,
        {% for field, type in crm_payload('task').items() -%}
        {{ crm_value('sent', field, type) }} as {{ field }},
        {% endfor -%}
        payload_hash,
        previous_hash
    from changes

)

select * from crm_sync_tasks
