-- What a rep says first holds a number of the account's own: its users or active users.
select
    account_id,
    opening_line
from {{ ref('account_dossiers') }}
where
    is_complete
    and {{ dbt.position(
        'cast(active_users_30d as ' ~ dbt.type_string() ~ ')', 'opening_line'
    ) }} = 0
    and {{ dbt.position(
        'cast(users as ' ~ dbt.type_string() ~ ')', 'opening_line'
    ) }} = 0
