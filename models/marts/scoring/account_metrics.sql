-- One row per account_id with every metric as of as_of_date.
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

all_metrics as (

    select * from {{ ref('int_account_metrics') }}

),

current_metrics as (

    select
        all_metrics.account_id
        {%- for metric in counted_metrics('account') + computed_metrics('account') %},
        all_metrics.{{ metric }}
        {%- endfor %},
        all_metrics.as_of_date
    from all_metrics
    inner join as_of
        on all_metrics.as_of_date = as_of.as_of_date

)

select * from current_metrics
