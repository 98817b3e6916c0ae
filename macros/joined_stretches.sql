{#- A query of a relation's stretches of days, those that overlap or touch joined to one:
    the key, starts_on and ends_on, the first day after it. -#}
{% macro joined_stretches(relation, key) -%}
    select
        {{ key }},
        min(starts_on) as starts_on,
        max(ends_on) as ends_on
    from (
        select
            {{ key }},
            starts_on,
            ends_on,
            sum(case when starts_on > covered_until then 1 else 0 end) over (
                partition by {{ key }}
                order by starts_on
                rows between unbounded preceding and current row
            ) as stretch
        from (
            select
                {{ key }},
                starts_on,
                ends_on,
                max(ends_on) over (
                    partition by {{ key }}
                    order by starts_on
                    rows between unbounded preceding and 1 preceding
                ) as covered_until
            from (
                select
                    {{ key }},
                    starts_on,
                    max(ends_on) as ends_on
                from {{ relation }}
                group by {{ key }}, starts_on
            ) as longest_stretches
        ) as covered_stretches
    ) as numbered_stretches
    group by {{ key }}, stretch
{%- endmacro %}
