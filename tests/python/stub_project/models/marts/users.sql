-- One row per user_id.
-- depends_on: {{ ref('slow') }}
select
    user_id,
    'acme.com' as account_id,
    lower(email) as email,
    job_title,
    department,
    'champion' as persona
from {{ source('raw', 'users') }}
