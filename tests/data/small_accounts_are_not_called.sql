-- An account of low value goes to sales only when somebody of it asked, or by hand.
select
    routing.account_id,
    routing.motion
from {{ ref('account_routing') }} as routing
inner join {{ ref('account_engagement') }} as engagement
    on routing.account_id = engagement.account_id
where
    routing.is_sales_motion
    and routing.value_axis = 'low'
    and not engagement.has_hand_raiser
    and routing.decided_by != 'hand'
