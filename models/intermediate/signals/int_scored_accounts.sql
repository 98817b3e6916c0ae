-- One row per account_id with what the past of its stored scores was made of.
-- Built after the histories, so that it tells of what they hold.
-- depends_on: {{ ref('pql_score_history') }}
-- depends_on: {{ ref('pqa_score_history') }}
-- depends_on: {{ ref('int_score_transitions') }}
-- depends_on: {{ ref('int_user_examples') }}
-- depends_on: {{ ref('int_account_examples') }}
-- depends_on: {{ ref('int_example_scores') }}
with

account_pasts as (

    select * from {{ ref('int_account_pasts') }}

),

scored_accounts as (

    select
        account_id,
        past_fingerprint,
        rules_fingerprint,
        first_on,
        settled_on
    from account_pasts

)

select * from scored_accounts
