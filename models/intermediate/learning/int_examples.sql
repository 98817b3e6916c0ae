-- One row per level, entity_id and as_of_date that weights are learned from.
-- Of many accounts some are drawn, each with all of its users, by a hash: the same ones
-- on every engine and in every build.
with

labelled_scores as (

    select * from {{ ref('int_labelled_scores') }}
    where
        score_model = '{{ var("active_score_model") }}'
        and is_converted_{{ label_days() | min }}d is not null

),

accounts as (

    select account_id
    from labelled_scores
    group by account_id

),

drawn_accounts as (

    select
        account_id,
        row_number() over (
            order by {{ dbt.hash('account_id') }}, account_id
        ) as draw
    from accounts

),

examples as (

    select labelled_scores.*
    from labelled_scores
    inner join drawn_accounts
        on labelled_scores.account_id = drawn_accounts.account_id
    where drawn_accounts.draw <= {{ var('calibration_accounts') }}

)

select * from examples
