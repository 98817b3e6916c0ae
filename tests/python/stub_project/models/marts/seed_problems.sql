-- One row when seed_is_bad.
select
    'signals' as seed,
    3 as row,
    'metric "actve_days" is not known' as problem,
    'write active_days_7d' as mend
where {{ var('seed_is_bad') }}
