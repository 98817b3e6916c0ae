{#- The days of arrival whose raw events are to be read again, as a list of texts: new
    days, days whose number of raw rows is another than the relation holds, the last few,
    and days with a row that was then in the future. Days that are gone from the raw rows
    stay as they are. Known before the query is written, so that files of other days are
    not opened. -#}
{% macro arrivals_to_read(relation) -%}
    {%- set columns = raw_contract('events').columns -%}
    {%- set query -%}
        with known_days as (
            select
                received_on,
                count(*) as raw_rows,
                max(
                    case when verdict like '%|in_the_future|%' then 1 else 0 end
                ) as was_future
            from {{ relation }}
            group by received_on
        ),
        raw_days as (
            select
                received_on,
                count(*) as raw_rows
            from (
                select {{ arrival_day(
                    contract_value(columns.received_at), contract_value(columns.occurred_at),
                    'received_at', 'occurred_at'
                ) }} as received_on
                from {{ source('raw', 'events') }}
            ) as arrivals
            group by received_on
        ),
        newest_known as (
            select {{ add_days('max(received_on)', -var('late_arrival_days')) }} as received_on
            from known_days
            where received_on <= cast({{ latest_moment() }} as date)
        )
        select raw_days.received_on
        from raw_days
        cross join newest_known
        left join known_days
            on raw_days.received_on = known_days.received_on
        where
            known_days.received_on is null
            or raw_days.raw_rows != known_days.raw_rows
            or known_days.was_future = 1
            or raw_days.received_on >= newest_known.received_on
        order by raw_days.received_on
    {%- endset -%}
    {%- set days = [] -%}
    {%- for day in run_query(query).columns[0].values() -%}
        {%- do days.append(day | string) -%}
    {%- endfor -%}
    {{ return(days) }}
{%- endmacro %}
