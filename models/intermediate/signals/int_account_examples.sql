-- One row per account_id and as_of_date, a Monday with usage in the 30 days before.
-- What weights are learned from: a look a week, as of then.
{%- set metrics = counted_metrics('account') + computed_metrics('account') %}
{{ config(**history_rows(['account_id', 'as_of_date'], 'as_of_date')) }}

with

restarts as (

    select * from {{ ref('int_score_restarts') }}
    where level = 'account'

),

account_metrics as (

    select * from {{ ref('int_account_metrics') }}

),

account_examples as (

    select
        account_metrics.account_id,
        {% for metric in metrics %}
        account_metrics.{{ metric }},
        {% endfor %}
        account_metrics.as_of_date
    from account_metrics
    inner join restarts
        on account_metrics.account_id = restarts.entity_id
    where
        account_metrics.active_users_30d > 0
        and account_metrics.account_id not like 'internal:%'
        and account_metrics.as_of_date >= restarts.rewritten_from
        and account_metrics.as_of_date
        = {{ next_grid_day('account_metrics.as_of_date') }}

)

select * from account_examples
