-- raw = staged + duplicates + dropped, for every raw table; of events, every raw row
-- that was ever read and not replaced. If it fails, what is kept disagrees: do a full
-- refresh.
select * from {{ ref('source_coverage') }}
where raw_rows != staged_rows + duplicate_rows + dropped_rows
