-- Every user and account that is not internal has one score per score model, and nobody
-- internal has any.
with

score_models as (

    select score_model
    from {{ ref('signals') }}
    group by score_model

),

accounts as (

    select * from {{ ref('accounts') }}

),

expected as (

    select
        'user' as level,
        users.user_id as entity_id,
        score_models.score_model
    from {{ ref('users') }} as users
    inner join accounts
        on users.account_id = accounts.account_id
    cross join score_models
    where not accounts.is_internal
    union all
    select
        'account' as level,
        accounts.account_id as entity_id,
        score_models.score_model
    from accounts
    cross join score_models
    where not accounts.is_internal

),

scored as (

    select
        'user' as level,
        user_id as entity_id,
        score_model
    from {{ ref('pql_scores') }}
    union all
    select
        'account' as level,
        account_id as entity_id,
        score_model
    from {{ ref('pqa_scores') }}

),

missing as (

    select * from expected
    {{ dbt.except() }}
    select * from scored

),

unexpected as (

    select * from scored
    {{ dbt.except() }}
    select * from expected

)

select
    missing.*,
    'not scored' as problem
from missing
union all
select
    unexpected.*,
    'should not be scored' as problem
from unexpected
