-- One row per level, entity_id and signal_id.
select
    'account' as level,
    'acme.com' as entity_id,
    'template' as score_model,
    'pricing_viewed' as signal_id,
    'intent' as category,
    'pricing_views_30d' as metric,
    4.0 as metric_value,
    '>= 3' as threshold,
    20 as points,
    true as is_counted,
    timestamp '2026-05-01 08:00:00' as first_event_at,
    timestamp '2026-05-03 09:00:00' as last_event_at,
    'Viewed the [bold]pricing page[/bold] 4 times in 30 days' as evidence
union all
select
    'account',
    'acme.com',
    'template',
    'fit_size_50',
    'firmographic',
    'employee_count',
    80.0,
    '50 <= x < 500',
    10,
    false,
    null,
    null,
    '80 employees'
