-- One row per level, entity_id, as_of_date and metric of an example that signals read.
-- A view: written down, its millions of rows would be read once.
{{ config(materialized='view') }}

with

examples as (

    select * from {{ ref('int_examples') }}

),

user_examples as (

    select
        user_metrics.*,
        examples.entity_id
    from {{ ref('int_user_examples') }} as user_metrics
    inner join examples
        on
            examples.level = 'user'
            and user_metrics.user_id = examples.entity_id
            and user_metrics.as_of_date = examples.as_of_date

),

account_examples as (

    select
        account_metrics.*,
        examples.entity_id
    from {{ ref('int_account_examples') }} as account_metrics
    inner join examples
        on
            examples.level = 'account'
            and account_metrics.account_id = examples.entity_id
            and account_metrics.as_of_date = examples.as_of_date

),

user_metric_values as (

    {{ unpivot_metrics(
        'user_examples',
        ['entity_id', 'account_id', 'as_of_date'],
        scored_metrics('user'),
    ) }}

),

account_metric_values as (

    {{ unpivot_metrics(
        'account_examples',
        ['entity_id', 'account_id', 'as_of_date'],
        scored_metrics('account'),
    ) }}

),

example_metrics as (

    select
        'user' as level,
        entity_id,
        account_id,
        metric,
        metric_value,
        as_of_date
    from user_metric_values
    union all
    select
        'account' as level,
        entity_id,
        account_id,
        metric,
        metric_value,
        as_of_date
    from account_metric_values

)

select * from example_metrics
