-- One row per domain: the free-mail and disposable mail domains of the public lists.
with

listed_rows as (

    select * from {{ source('reference', 'personal_domains') }}

),

personal_domains as (

    select domain
    from listed_rows
    group by domain

)

select * from personal_domains
