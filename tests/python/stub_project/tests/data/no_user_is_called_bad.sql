select * from {{ ref('users') }} where user_id like 'bad%'
