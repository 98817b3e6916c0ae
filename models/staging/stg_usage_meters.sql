-- One row per workspace_id, meter and measured_on: the accepted rows, each once.
with

judged_rows as (

    select * from {{ ref('base_usage_meters') }}

),

accepted_rows as (

    select
        workspace_id,
        meter,
        measured_on,
        used_quantity,
        limit_quantity
    from judged_rows
    where not is_dropped and copy_number = 1

)

select * from accepted_rows
