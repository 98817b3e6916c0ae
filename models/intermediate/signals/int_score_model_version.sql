-- One row per score_model in use: a fingerprint of the signals it is made of.
{{ config(materialized='view') }}

with

signals as (

    select * from {{ ref('signals') }}

),

score_model_version as (

    select
        score_model,
        cast(sum({{ row_fingerprint([
            'signal_id', 'level', 'category', 'metric', 'min_value', 'max_value',
            'points', 'ladder',
        ]) }}) as {{ dbt.type_string() }}) as score_model_version
    from signals
    where score_model = '{{ var("active_score_model") }}'
    group by score_model

)

select * from score_model_version
