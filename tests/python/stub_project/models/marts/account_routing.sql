-- One row: the account of all users.
select
    'acme.com' as account_id,
    'rep_1' as owner_id,
    'sales_assist' as motion,
    'new_business' as play,
    'high' as value_axis,
    'high' as engagement_axis,
    'rule' as decided_by,
    'Worth a [bold]conversation[/bold]' as reason,
    'assigned' as status,
    'high' as priority,
    1 as queue_position,
    true as is_sales_motion,
    date '2026-05-02' as due_by
