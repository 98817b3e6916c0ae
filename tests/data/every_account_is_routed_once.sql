-- Every account that is not internal has exactly one row, and no other has any.
with

accounts as (

    select account_id
    from {{ ref('accounts') }}
    where not is_internal

),

routed as (

    select
        account_id,
        count(*) as times
    from {{ ref('account_routing') }}
    group by account_id

)

select
    accounts.account_id,
    routed.times
from accounts
left join routed
    on accounts.account_id = routed.account_id
where coalesce(routed.times, 0) != 1
union all
select
    routed.account_id,
    routed.times
from routed
left join accounts
    on routed.account_id = accounts.account_id
where accounts.account_id is null
