{#- The days whose fingerprint in int_usage_days is another than the relation holds, as a
    list of texts: late rows, new identifications and a changed catalog all change the
    fingerprint of the days they touch, however long ago. Known before the query is
    written, so that events of other days are not read. -#}
{% macro usage_days_to_build(relation) -%}
    {%- set query -%}
        with built_days as (
            select
                activity_date,
                day_fingerprint
            from {{ relation }}
            group by activity_date, day_fingerprint
        )
        select usage_days.activity_date
        from {{ ref('int_usage_days') }} as usage_days
        left join built_days
            on
                usage_days.activity_date = built_days.activity_date
                and usage_days.fingerprint = built_days.day_fingerprint
        where built_days.activity_date is null
        order by usage_days.activity_date
    {%- endset -%}
    {%- set days = [] -%}
    {%- for day in run_query(query).columns[0].values() -%}
        {%- do days.append(day | string) -%}
    {%- endfor -%}
    {{ return(days) }}
{%- endmacro %}
