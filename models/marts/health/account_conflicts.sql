-- One row per workspace whose members belong to more than one account.
with

user_workspaces as (

    select * from {{ ref('int_user_workspaces') }}

),

mapped_users as (

    select * from {{ ref('int_users_mapped_to_accounts') }}

),

workspaces as (

    select * from {{ ref('stg_workspaces') }}

),

members_by_account as (

    select
        user_workspaces.workspace_id,
        mapped_users.account_id,
        count(*) as members,
        {{ total('user_workspaces.usage_events') }} as usage_events,
        max(case when user_workspaces.is_owner then 1 else 0 end) as has_owner
    from user_workspaces
    inner join mapped_users
        on user_workspaces.user_id = mapped_users.user_id
    group by user_workspaces.workspace_id, mapped_users.account_id

),

ranked_accounts as (

    select
        *,
        row_number() over (
            partition by workspace_id
            order by members desc, usage_events desc, account_id
        ) as account_rank
    from members_by_account

),

conflicts as (

    select
        ranked_accounts.workspace_id,
        max(workspaces.workspace_name) as workspace_name,
        max(
            case
                when ranked_accounts.account_rank = 1 then ranked_accounts.account_id
            end
        ) as largest_account_id,
        max(
            case when ranked_accounts.has_owner = 1 then ranked_accounts.account_id end
        ) as owner_account_id,
        {{ dbt.listagg(
            'ranked_accounts.account_id', "', '", 'order by ranked_accounts.account_rank'
        ) }} as account_ids,
        count(*) as accounts,
        {{ total('ranked_accounts.members') }} as members,
        {{ total(
            'case when ranked_accounts.account_rank > 1'
            ~ ' then ranked_accounts.members else 0 end'
        ) }} as members_elsewhere
    from ranked_accounts
    left join workspaces
        on ranked_accounts.workspace_id = workspaces.workspace_id
    group by ranked_accounts.workspace_id
    having count(*) > 1

)

select * from conflicts
