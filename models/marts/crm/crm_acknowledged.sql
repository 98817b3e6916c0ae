-- One row per object_type and object_key that the CRM acknowledged.
with

acknowledged as (

    select * from {{ ref('stg_crm_acknowledged') }}

)

select * from acknowledged
