-- One row per account_id, its owner and its triggers of the real mart's kinds.
select
    'acme.com' as account_id,
    'rep_1' as owner_id,
    'Ada' as owner_name,
    'Acme <&> Sons' as company_name,
    min(user_id) as contact_user_id,
    min(email) as contact_email,
    'sales_assist' as motion,
    'high' as priority,
    'assigned' as status,
    'SMB' as tier_name,
    'Asked for [bold]a person[/bold]' as trigger_evidence,
    'Talk to {n} people.' as recommended_approach,
    '2 people of Acme work with us.' as opening_line,
    1 as queue_position,
    50 as score,
    true as is_overdue,
    date '2026-05-03' as triggered_on,
    date '2026-05-01' as entered_on,
    date '2026-05-02' as due_by,
    date '2026-05-03' as as_of_date
from {{ ref('users') }}
union all
select
    'beta.com', null, null, 'Beta', null, null, 'sales_led', 'low', 'no_rep', 'SMB',
    null, null, null, 2, 40, false, null, date '2026-05-03', date '2026-05-10', date '2026-05-03'
