-- One row per level, entity_id and day metrics change on, with the change of each.
-- A metric on a day is the sum of its changes up to then; a day may have several rows.
-- The windows are rows of metrics.csv, so that every count of days, events and things
-- takes this one path. A metric that no day of the history needs changes on the weekly
-- grid and on as_of_date.
-- What is counted is summed up by day first, and the few windows shift these days, for
-- most metrics look at the same days. Each way of counting reads its own measures: a
-- query that is read twice is written down by some engines, and these are many rows.
{{ config(materialized='view') }}

with

metric_measures as (

    select * from {{ ref('int_metric_measures') }}

),

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

restarts as (

    select * from {{ ref('int_score_restarts') }}

),

upgrades_abandoned as (

    select * from {{ ref('int_upgrades_abandoned') }}

),

signs as (

    select 1 as sign
    union all
    select -1 as sign

),

borders as (

    select
        metric_measures.level,
        metric_measures.metric_number,
        metric_measures.is_daily,
        signs.sign,
        case
            when signs.sign = 1 then metric_measures.from_days
            else metric_measures.until_days
        end as days_later
    from metric_measures
    cross join signs
    where metric_measures.counted_as in ('quantity', 'days')

),

{% for level in ['user', 'account'] -%}
{%- set metrics = counted_metrics(level) -%}
{% for counted_as in ['quantity', 'days', 'items'] -%}
-- What ended before the first day that is scored changes nothing any more.
{{ level }}_{{ counted_as }} as (

    select
        measures.{{ level }}_id as entity_id,
        metric_measures.metric_number,
        metric_measures.is_daily,
        measures.item,
        measures.quantity,
        metric_measures.from_days,
        metric_measures.until_days,
        measures.measured_on,
        measures.counts_from
    from {{ ref('int_' ~ level ~ '_measures') }} as measures
    inner join metric_measures
        on
            metric_measures.level = '{{ level }}'
            and metric_measures.counted_as = '{{ counted_as }}'
            and measures.measure = metric_measures.measure
    inner join restarts
        on
            restarts.level = '{{ level }}'
            and measures.{{ level }}_id = restarts.entity_id
    where
        metric_measures.until_days is null
        or {{ add_days('measures.measured_on', 'metric_measures.until_days') }}
        > greatest(restarts.restart_on, measures.counts_from)

),

{% endfor -%}
-- A day is counted once however many of the account's users made it one.
{{ level }}_counts as (

    select
        entity_id,
        metric_number,
        cast(quantity as {{ engine_type('double') }}) as weight,
        measured_on,
        counts_from
    from {{ level }}_quantity
    union all
    select
        entity_id,
        metric_number,
        cast(1 as {{ engine_type('double') }}) as weight,
        measured_on,
        min(counts_from) as counts_from
    from {{ level }}_days
    group by entity_id, metric_number, measured_on

),

{{ level }}_days_of_counts as (

    select
        entity_id,
        {% for metric in metrics %}
        sum(case when metric_number = {{ loop.index }} then weight end)
            as {{ metric }},
        {% endfor %}
        measured_on,
        counts_from
    from {{ level }}_counts
    group by entity_id, measured_on, counts_from

),

-- The metrics that a day enters (1) or leaves (-1) so many days later.
{{ level }}_shifts as (

    select
        {% for metric in metrics %}
        max(case when metric_number = {{ loop.index }} then sign end) as {{ metric }},
        {% endfor %}
        is_daily,
        days_later
    from borders
    where level = '{{ level }}' and days_later is not null
    group by is_daily, days_later

),

{{ level }}_shifted_days as (

    select
        days.entity_id,
        {% for metric in metrics %}
        shifts.{{ metric }} * days.{{ metric }} as {{ metric }},
        {% endfor %}
        shifts.is_daily,
        greatest(
            {{ add_days('days.measured_on', 'shifts.days_later') }}, days.counts_from
        ) as changed_on
    from {{ level }}_days_of_counts as days
    cross join {{ level }}_shifts as shifts

),

{{ level }}_uses as (

    select
        entity_id,
        metric_number,
        is_daily,
        item,
        measured_on,
        greatest({{ add_days('measured_on', 'from_days') }}, counts_from) as starts_on,
        coalesce(
            {{ add_days('measured_on', 'until_days') }}, cast('9999-12-31' as date)
        ) as ends_on
    from {{ level }}_items
    where item is not null

),

-- A thing is counted once however often it comes: from the first day that no earlier
-- time covers, until the day that no later one follows. The end of time stands for
-- good, so that ends compare.
{{ level }}_occurrences as (

    select
        entity_id,
        metric_number,
        is_daily,
        starts_on,
        ends_on,
        max(ends_on) over (
            partition by entity_id, metric_number, item
            order by starts_on, measured_on
            rows between unbounded preceding and 1 preceding
        ) as covered_until,
        lead(starts_on) over (
            partition by entity_id, metric_number, item
            order by starts_on, measured_on
        ) as next_starts_on
    from {{ level }}_uses

),

{{ level }}_covered_occurrences as (

    select
        *,
        case
            when covered_until > ends_on then covered_until else ends_on
        end as covered_then
    from {{ level }}_occurrences

),

{{ level }}_things as (

    select
        entity_id,
        metric_number,
        is_daily,
        case
            when covered_until is null or starts_on > covered_until then starts_on
        end as starts_on,
        case
            when
                covered_then < cast('9999-12-31' as date)
                and (next_starts_on is null or next_starts_on > covered_then)
                then covered_then
        end as ends_on
    from {{ level }}_covered_occurrences
    {% if level == 'user' -%}
    union all
    select
        user_id as entity_id,
        {{ metric_number('user', 'abandoned_upgrades_30d') }} as metric_number,
        true as is_daily,
        abandoned_from as starts_on,
        abandoned_until as ends_on
    from upgrades_abandoned
    {% endif %}
),

{{ level }}_signed_things as (

    select
        things.entity_id,
        things.metric_number,
        things.is_daily,
        signs.sign,
        case
            when signs.sign = 1 then things.starts_on else things.ends_on
        end as changed_on
    from {{ level }}_things as things
    cross join signs

),

-- Most days begin or end several things: one row for them all.
{{ level }}_days_of_things as (

    select
        entity_id,
        metric_number,
        is_daily,
        cast(sum(sign) as {{ engine_type('double') }}) as weight,
        changed_on
    from {{ level }}_signed_things
    where changed_on is not null
    group by entity_id, metric_number, is_daily, changed_on

),

{{ level }}_changes as (

    select * from {{ level }}_shifted_days
    where coalesce({{ metrics | join(', ') }}) is not null
    union all
    select
        entity_id,
        {% for metric in metrics %}
        case when metric_number = {{ loop.index }} then weight end as {{ metric }},
        {% endfor %}
        is_daily,
        changed_on
    from {{ level }}_days_of_things

),

{% endfor -%}
all_changes as (

    {% for level in ['user', 'account'] -%}
    select
        '{{ level }}' as level,
        entity_id,
        {% for metric in counted_metrics() -%}
        {% if metric in counted_metrics(level) -%}
        {{ metric }},
        {% else -%}
        cast(null as {{ engine_type('double') }}) as {{ metric }},
        {% endif -%}
        {% endfor -%}
        is_daily,
        changed_on
    from {{ level }}_changes
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Each Monday and as_of_date are right, and there are fewer days to sum up.
changes as (

    select
        all_changes.level,
        all_changes.entity_id,
        {% for metric in counted_metrics() -%}
        all_changes.{{ metric }},
        {% endfor -%}
        case
            when all_changes.is_daily or all_changes.changed_on > as_of.as_of_date
                then all_changes.changed_on
            when {{ next_grid_day('all_changes.changed_on') }} < as_of.as_of_date
                then {{ next_grid_day('all_changes.changed_on') }}
            else as_of.as_of_date
        end as changed_on
    from all_changes
    cross join as_of

)

select * from changes
