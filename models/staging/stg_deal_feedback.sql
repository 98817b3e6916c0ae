-- One row per opportunity_id: the accepted rows of deal_feedback, each once.
with

judged_rows as (

    select * from {{ ref('base_deal_feedback') }}

),

accepted_rows as (

    select
        opportunity_id,
        logged_at,
        deal_trigger,
        objections,
        requested_features,
        self_serve_blocker
    from judged_rows
    where not is_dropped and copy_number = 1

)

select * from accepted_rows
