-- One row: the account of all users.
select
    'acme.com' as account_id,
    'Acme' as company_name,
    'acme.com' as domain,
    'smb' as segment,
    'domain' as account_rule,
    min(user_id) as recommended_contact
from {{ ref('users') }}
