-- One row per object_type and object_key that the CRM acknowledged.
with

acknowledged_rows as (

    select * from {{ source('crm_state', 'crm_acknowledged') }}

),

acknowledged as (

    select
        object_type,
        object_key,
        payload,
        payload_hash,
        cast(acknowledged_at as timestamp) as acknowledged_at
    from acknowledged_rows

)

select * from acknowledged
