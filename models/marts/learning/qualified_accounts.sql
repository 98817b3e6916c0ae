-- One row per account_id that qualified on a day of the history, with the first days.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

pql_score_history as (

    select * from {{ ref('pql_score_history') }}

),

pqa_score_history as (

    select * from {{ ref('pqa_score_history') }}

),

first_days as (

    select
        account_id,
        as_of_date as pql_on,
        cast(null as date) as pqa_on
    from pql_score_history
    where grade = '{{ var("qualified_grade") }}'
    union all
    select
        account_id,
        cast(null as date) as pql_on,
        as_of_date as pqa_on
    from pqa_score_history
    where tier <= {{ var('qualified_tier') }}

),

first_qualified_days as (

    select
        account_id,
        min(pql_on) as pql_on,
        min(pqa_on) as pqa_on
    from first_days
    group by account_id

),

history as (

    select
        {{ add_days('as_of_date', 1 - history_days()) }} as first_day
    from as_of

),

-- Who was qualified already on the first day kept became so on a day we do not know.
qualified_accounts as (

    select
        first_qualified_days.account_id,
        case
            when first_qualified_days.pql_on > history.first_day
                then first_qualified_days.pql_on
        end as pql_on,
        case
            when first_qualified_days.pqa_on > history.first_day
                then first_qualified_days.pqa_on
        end as pqa_on,
        case
            when
                first_qualified_days.pqa_on is null
                or first_qualified_days.pql_on < first_qualified_days.pqa_on
                then first_qualified_days.pql_on
            else first_qualified_days.pqa_on
        end as qualified_on
    from first_qualified_days
    cross join history

)

select * from qualified_accounts
