-- One row per user with the account it belongs to and the rule that said so.
with

users as (

    select * from {{ ref('int_users') }}

),

user_workspaces as (

    select * from {{ ref('int_user_workspaces') }}

),

overrides as (

    select
        match_type,
        case
            when match_type in ('email', 'domain') then lower(match_value)
            else match_value
        end as match_value,
        min(account_id) as account_id
    from {{ ref('account_overrides') }}
    group by
        match_type,
        case
            when match_type in ('email', 'domain') then lower(match_value)
            else match_value
        end

),

-- A user's workspace: the one used most, else one owned.
ranked_workspaces as (

    select
        user_id,
        workspace_id,
        row_number() over (
            partition by user_id
            order by usage_events desc, workspace_id
        ) as workspace_rank
    from user_workspaces

),

main_workspaces as (

    select
        user_id,
        workspace_id
    from ranked_workspaces
    where workspace_rank = 1

),

-- Rules 1 to 3 look at the user alone.
directly_mapped_users as (

    select
        users.user_id,
        main_workspaces.workspace_id,
        case
            when coalesce(
                user_overrides.account_id,
                email_overrides.account_id,
                domain_overrides.account_id,
                canonical_overrides.account_id,
                workspace_overrides.account_id
            ) is not null then 'override'
            when users.is_internal_domain then 'internal'
            when
                users.canonical_domain is not null and not users.is_personal_domain
                then 'domain'
        end as account_rule,
        coalesce(
            user_overrides.account_id,
            email_overrides.account_id,
            domain_overrides.account_id,
            canonical_overrides.account_id,
            workspace_overrides.account_id,
            case
                when users.is_internal_domain
                    then 'internal:' || coalesce(
                        users.registrable_domain,
                        {{ dbt.split_part('users.email', "'@'", 2) }}
                    )
                when not users.is_personal_domain then users.canonical_domain
            end
        ) as account_id
    from users
    left join main_workspaces
        on users.user_id = main_workspaces.user_id
    left join overrides as user_overrides
        on
            user_overrides.match_type = 'user_id'
            and users.user_id = user_overrides.match_value
    left join overrides as email_overrides
        on
            email_overrides.match_type = 'email'
            and users.email = email_overrides.match_value
    left join overrides as domain_overrides
        on
            domain_overrides.match_type = 'domain'
            and users.registrable_domain = domain_overrides.match_value
    left join overrides as canonical_overrides
        on
            canonical_overrides.match_type = 'domain'
            and users.canonical_domain = canonical_overrides.match_value
    left join overrides as workspace_overrides
        on
            workspace_overrides.match_type = 'workspace_id'
            and main_workspaces.workspace_id = workspace_overrides.match_value

),

-- Only accounts of rules 1 and 3 speak for the other members of a workspace.
workspace_members as (

    select
        user_workspaces.workspace_id,
        user_workspaces.user_id,
        user_workspaces.is_owner,
        case
            when directly_mapped_users.account_rule in ('override', 'domain')
                then directly_mapped_users.account_id
        end as account_id
    from user_workspaces
    inner join directly_mapped_users
        on user_workspaces.user_id = directly_mapped_users.user_id

),

workspace_sizes as (

    select
        workspace_id,
        count(*) as members
    from workspace_members
    group by workspace_id

),

workspace_owners as (

    select
        workspace_id,
        account_id
    from workspace_members
    where is_owner

),

-- A user without an account of rules 1 to 3 has no vote, so all votes are others'.
-- Only such users may ask: among members who all vote, two halves would both win.
workspace_votes as (

    select
        workspace_id,
        account_id,
        count(*) as votes
    from workspace_members
    where account_id is not null
    group by workspace_id, account_id

),

workspace_majorities as (

    select
        workspace_votes.workspace_id,
        workspace_votes.account_id
    from workspace_votes
    inner join workspace_sizes
        on workspace_votes.workspace_id = workspace_sizes.workspace_id
    where workspace_votes.votes * 2 > workspace_sizes.members - 1

),

mapped_users as (

    select
        directly_mapped_users.user_id,
        case
            when directly_mapped_users.account_id is not null
                then directly_mapped_users.account_id
            when workspace_majorities.account_id is not null
                then workspace_majorities.account_id
            when workspace_owners.account_id is not null
                then workspace_owners.account_id
            when workspace_sizes.members >= 2
                then 'workspace:' || directly_mapped_users.workspace_id
            else 'user:' || directly_mapped_users.user_id
        end as account_id,
        case
            when directly_mapped_users.account_id is not null
                then directly_mapped_users.account_rule
            when
                coalesce(
                    workspace_majorities.account_id, workspace_owners.account_id
                ) is not null
                then 'workspace'
            when workspace_sizes.members >= 2 then 'shared_workspace'
            else 'individual'
        end as account_rule
    from directly_mapped_users
    left join workspace_sizes
        on directly_mapped_users.workspace_id = workspace_sizes.workspace_id
    left join workspace_majorities
        on
            case
                when directly_mapped_users.account_id is null
                    then directly_mapped_users.workspace_id
            end
            = workspace_majorities.workspace_id
    left join workspace_owners
        on directly_mapped_users.workspace_id = workspace_owners.workspace_id

),

final as (

    select
        user_id,
        account_id,
        account_rule,
        account_id like 'internal:%' as is_internal
    from mapped_users

)

select * from final
