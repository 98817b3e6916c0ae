-- One row per as_of_date, of which there is one: is it time to layer sales on?
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

pls_readiness as (

    select * from {{ ref('pls_readiness') }}

),

counts as (

    select
        {% for kind in ['diagnostic', 'prerequisite', 'threshold'] %}
        {% for answer in ['yes', 'no', 'unknown'] %}
        {{ total(
            "case when kind = '" ~ kind ~ "' and answer = '" ~ answer
            ~ "' then 1 else 0 end"
        ) }} as {{ kind }}_{{ answer }},
        {% endfor %}
        {% endfor %}
        count(*) as questions
    from pls_readiness

),

open_prerequisites as (

    select {{ dbt.listagg('question_id', "', '", 'order by question_id') }} as missing
    from pls_readiness
    where kind = 'prerequisite' and answer != 'yes'

),

-- Three yes are a sign that it is time; what must come first comes first.
verdicts as (

    select
        case
            when counts.diagnostic_yes + counts.diagnostic_unknown < 3 then 'not_yet'
            when counts.diagnostic_yes < 3 then 'unknown'
            when counts.prerequisite_no + counts.prerequisite_unknown > 0
                then 'need_prerequisites'
            else 'ready'
        end as verdict,
        counts.*,
        open_prerequisites.missing,
        as_of.as_of_date
    from counts
    cross join open_prerequisites
    cross join as_of

),

pls_readiness_verdict as (

    select
        verdict,
        {{ number_text('diagnostic_yes') }} || ' of '
        || {{ number_text('diagnostic_yes + diagnostic_no + diagnostic_unknown') }}
        || ' signs say that it is time ('
        || {{ number_text('diagnostic_unknown') }} || ' unknown); '
        || case
            when missing is null then 'all prerequisites are met.'
            else 'not met or unknown: ' || missing || '.'
        end as reason,
        diagnostic_yes,
        diagnostic_no,
        diagnostic_unknown,
        prerequisite_yes,
        prerequisite_no,
        prerequisite_unknown,
        threshold_yes,
        threshold_no,
        threshold_unknown,
        as_of_date
    from verdicts

)

select * from pls_readiness_verdict
