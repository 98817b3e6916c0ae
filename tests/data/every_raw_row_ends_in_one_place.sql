-- raw = staged + duplicates + dropped, for every raw table. If an older day of events
-- was cut from the raw files, or rewritten with as many rows, do a full refresh.
select * from {{ ref('source_coverage') }}
where raw_rows != staged_rows + duplicate_rows + dropped_rows
