-- One row per key: a contact to insert, update or clear in the CRM, with what to send.
with

changes as (

    select * from {{ ref('crm_changes') }}
    where object_type = 'contact'

),

crm_sync_contacts as (

    select
        object_key as key,
        operation,
        fields,
        {% for field, type in crm_payload('contact').items() -%}
        {{ crm_value('sent', field, type) }} as {{ field }},
        {% endfor -%}
        payload_hash,
        previous_hash
    from changes

)

select * from crm_sync_contacts
