-- Nobody of sales talks to an account without its whole dossier, unless by hand.
select
    routing.account_id,
    dossiers.missing_fields
from {{ ref('account_routing') }} as routing
left join {{ ref('account_dossiers') }} as dossiers
    on routing.account_id = dossiers.account_id
where
    routing.is_sales_motion
    and routing.decided_by != 'hand'
    and not coalesce(dossiers.is_complete, false)
