-- One row per account_id that has ever paid, with the day it began to.
{{ config(materialized='view') }}

with

revenue_changes as (

    select * from {{ ref('int_revenue_changes') }}

),

first_payments as (

    select
        account_id,
        changed_on as first_paid_on
    from revenue_changes
    where change_type = 'new'

)

select * from first_payments
