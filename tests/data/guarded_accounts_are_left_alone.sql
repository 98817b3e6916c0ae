-- With a guard nobody of sales talks to an account, unless a human has decided so; an
-- opt-out holds even then.
with

routing as (

    select * from {{ ref('account_routing') }}

),

guards as (

    select * from {{ ref('account_guards') }}

),

queue as (

    select * from {{ ref('sales_queue') }}

)

select
    guards.account_id,
    guards.guard,
    routing.motion
from guards
inner join routing
    on guards.account_id = routing.account_id
left join queue
    on guards.account_id = queue.account_id
where
    (routing.is_sales_motion or queue.account_id is not null)
    and (routing.decided_by != 'hand' or guards.guard = 'opted_out')
