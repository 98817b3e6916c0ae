-- What source_coverage counts as dropped stands in the quarantine, row for row.
with

quarantined as (

    select
        source_table,
        count(*) as dropped_rows
    from {{ ref('quarantine') }}
    where is_dropped
    group by source_table

)

select
    source_coverage.source_table,
    source_coverage.dropped_rows,
    quarantined.dropped_rows as quarantined_rows
from {{ ref('source_coverage') }} as source_coverage
left join quarantined
    on source_coverage.source_table = quarantined.source_table
where source_coverage.dropped_rows != coalesce(quarantined.dropped_rows, 0)
