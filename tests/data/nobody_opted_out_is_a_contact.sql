-- Who has opted out is nobody's contact: in no account, dossier, queue or task, and not
-- sent to the CRM.
with

opted_out as (

    select user_id
    from {{ ref('users') }}
    where is_opted_out

),

contacts as (

    select recommended_contact as user_id from {{ ref('accounts') }}
    union all
    select contact_user_id as user_id from {{ ref('account_dossiers') }}
    union all
    select contact_user_id as user_id from {{ ref('sales_queue') }}
    union all
    select contact_user_id as user_id from {{ ref('crm_sync_tasks') }}
    union all
    select key as user_id
    from {{ ref('crm_sync_contacts') }}
    where operation != 'clear'

)

select contacts.user_id
from contacts
inner join opted_out
    on contacts.user_id = opted_out.user_id
