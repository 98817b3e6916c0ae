-- One row per account_id and guard.
select
    'acme.com' as account_id,
    'backed_off' as guard,
    'No answer to the email of 2026-04-20' as evidence
