-- No rep gets more new accounts than the week has room for; who is away gets none.
with

owned as (

    select
        owner_id,
        sum(case when takes_capacity then 1 else 0 end) as new_accounts
    from {{ ref('account_routing') }}
    where is_sales_motion and owner_id is not null
    group by owner_id

),

reps as (

    select * from {{ ref('sales_reps') }}
    where is_active

)

select
    owned.owner_id,
    owned.new_accounts,
    reps.weekly_capacity
from owned
left join reps
    on owned.owner_id = reps.rep_id
where
    reps.rep_id is null
    or owned.new_accounts > reps.weekly_capacity
