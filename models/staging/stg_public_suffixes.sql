-- One row per suffix and rule_type: the rules of the Public Suffix List.
with

listed_rows as (

    select * from {{ source('reference', 'public_suffixes') }}

),

public_suffixes as (

    select
        suffix,
        rule_type
    from listed_rows

)

select * from public_suffixes
