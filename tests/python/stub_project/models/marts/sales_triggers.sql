-- One row per trigger_id: pressing ones of three days, an older one, and one that is not.
select
    account_id || '|' || user_id || '|asked|' || triggered_on as trigger_id,
    account_id,
    user_id,
    'asked' as trigger,
    priority,
    'Asked ' || number || ' times' as evidence,
    triggered_on
from (
    select
        'acme.com' as account_id,
        'u' || n as user_id,
        n as number,
        'high' as priority,
        date '2026-05-03' - cast(n % 3 as integer) as triggered_on
    from range(1, 9) as numbers (n)
    union all
    select 'beta.com', 'b1', 1, 'high', date '2026-05-03'
    union all
    select 'acme.com', 'u1', 1, 'high', date '2026-04-30'
    union all
    select 'acme.com', 'u1', 1, 'low', date '2026-05-02'
    union all
    select 'guarded.com', 'g1', 1, 'high', date '2026-05-03'
) as rows
