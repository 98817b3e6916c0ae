-- One row per opportunity_id whose notes were written by as_of_date, with how it ended.
{{ config(materialized='view') }}

with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

staged_feedback as (

    select * from {{ ref('stg_deal_feedback') }}

),

opportunities as (

    select * from {{ ref('int_crm_opportunities') }}

),

deal_feedback as (

    select
        staged_feedback.opportunity_id,
        staged_feedback.deal_trigger,
        staged_feedback.objections,
        staged_feedback.requested_features,
        staged_feedback.self_serve_blocker,
        opportunities.amount_usd,
        coalesce(opportunities.is_won, false) as is_won,
        coalesce(not opportunities.is_open and not opportunities.is_won, false)
            as is_lost,
        cast(staged_feedback.logged_at as date) as logged_on
    from staged_feedback
    cross join as_of
    left join opportunities
        on staged_feedback.opportunity_id = opportunities.opportunity_id
    where cast(staged_feedback.logged_at as date) <= as_of.as_of_date

)

select * from deal_feedback
