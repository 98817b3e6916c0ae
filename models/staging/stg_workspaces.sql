-- One row per workspace_id: the accepted rows of workspaces, each once.
with

judged_rows as (

    select * from {{ ref('base_workspaces') }}

),

accepted_rows as (

    select
        workspace_id,
        workspace_name,
        created_at,
        owner_user_id
    from judged_rows
    where not is_dropped and copy_number = 1

)

select * from accepted_rows
