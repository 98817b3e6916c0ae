-- One row per score_model, the active one, with a fingerprint of its signals.
{{ config(materialized='view') }}

with

signals as (

    select * from {{ ref('signals') }}

),

score_model_version as (

    select
        '{{ var("active_score_model") }}' as score_model,
        cast(sum({{ row_fingerprint([
            'signal_id', 'level', 'category', 'metric', 'min_value', 'max_value',
            'points', 'ladder',
        ]) }}) as {{ dbt.type_string() }}) as score_model_version
    from signals
    where score_model = '{{ var("active_score_model") }}'

)

select * from score_model_version
