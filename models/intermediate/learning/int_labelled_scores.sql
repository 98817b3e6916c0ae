-- One row per level, entity_id, score_model and as_of_date, a Monday before it paid.
{{ config(materialized='view') }}

with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

example_scores as (

    select * from {{ ref('int_example_scores') }}

),

first_payments as (

    select * from {{ ref('int_first_payments') }}

),

-- A label is null until its days have passed.
labelled_scores as (

    select
        example_scores.level,
        example_scores.entity_id,
        example_scores.account_id,
        example_scores.score_model,
        example_scores.score,
        {% for days in label_days() %}
        case
            when
                {{ add_days('example_scores.as_of_date', days) }} <= as_of.as_of_date
                then coalesce(
                    first_payments.first_paid_on
                    <= {{ add_days('example_scores.as_of_date', days) }},
                    false
                )
        end as is_converted_{{ days }}d,
        {% endfor %}
        example_scores.as_of_date
    from example_scores
    cross join as_of
    left join first_payments
        on example_scores.account_id = first_payments.account_id
    where
        first_payments.first_paid_on is null
        or first_payments.first_paid_on > example_scores.as_of_date

)

select * from labelled_scores
