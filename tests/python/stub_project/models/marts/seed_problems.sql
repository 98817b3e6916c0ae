-- One row when seed_is_bad.
select
    'signals' as seed,
    'active_5_of_7' as row_name,
    'metric "actve_days" is not known' as problem,
    'write active_days_7d' as mend
where {{ var('seed_is_bad') }}
