-- One row per user_id with the part the user plays in the account as of as_of_date.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

users as (

    select * from {{ ref('int_users') }}

),

user_metrics as (

    select * from {{ ref('int_user_metrics') }}

),

user_scores as (

    select * from {{ ref('int_user_scores') }}
    where score_model = '{{ var("active_score_model") }}'

),

current_users as (

    select
        users.user_id,
        user_metrics.account_id,
        users.is_buyer,
        users.is_opted_out,
        user_metrics.active_days_30d,
        user_metrics.admin_actions_30d,
        user_metrics.enterprise_requests_90d,
        user_metrics.billing_contacts_90d,
        coalesce(user_scores.behaviour_score, 0) as behaviour_score,
        row_number() over (
            partition by user_metrics.account_id
            order by
                coalesce(user_scores.behaviour_score, 0) desc,
                users.created_at,
                users.user_id
        ) as score_rank
    from users
    cross join as_of
    inner join user_metrics
        on
            users.user_id = user_metrics.user_id
            and as_of.as_of_date = user_metrics.as_of_date
    left join user_scores
        on
            users.user_id = user_scores.user_id
            and as_of.as_of_date = user_scores.as_of_date

),

personas as (

    select
        *,
        case
            when enterprise_requests_90d > 0 or billing_contacts_90d > 0
                then 'hand_raiser'
            when is_buyer then 'economic_buyer'
            when score_rank = 1 and behaviour_score > 0 then 'champion'
            when admin_actions_30d > 0 then 'admin'
            else 'end_user'
        end as persona
    from current_users

),

-- Whom to talk to first: somebody who asked, a buyer who uses it, who uses it most,
-- who runs it. Nobody who opted out.
contact_candidates as (

    select
        user_id,
        account_id,
        row_number() over (
            partition by account_id
            order by
                case persona
                    when 'hand_raiser' then 1
                    when 'economic_buyer' then 2
                    when 'champion' then 3
                    else 4
                end,
                score_rank
        ) as contact_rank
    from personas
    where
        not is_opted_out
        and (
            persona in ('hand_raiser', 'champion', 'admin')
            or (persona = 'economic_buyer' and active_days_30d > 0)
        )

),

user_personas as (

    select
        personas.user_id,
        personas.account_id,
        personas.persona,
        coalesce(contact_candidates.contact_rank = 1, false) as is_recommended_contact
    from personas
    left join contact_candidates
        on personas.user_id = contact_candidates.user_id

)

select * from user_personas
