{#- A query of the days on which counted metrics of a level change: the entity, a column
    for the change of each metric, and the day. A metric on a day is the sum of its changes
    up to then; a day may have several rows. The windows are rows of metrics.csv, so that
    every count of days, events and things takes this one path. A metric that no day of
    the history needs changes on the weekly grid and on as_of_date.
    What is counted is summed up by day first, and the few windows shift these days, for
    most metrics look at the same days. Each way of counting reads the measures itself: a
    query that is read twice is written down by some engines, and these are many rows. -#}
{% macro metric_changes(level) -%}
{%- set entity = level ~ '_id' -%}
{%- set metrics = counted_metrics(level) -%}
with

metric_measures as (

    select * from {{ ref('int_metric_measures') }}
    where level = '{{ level }}'

),

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

restarts as (

    select * from {{ ref('int_score_restarts') }}
    where level = '{{ level }}'

),

signs as (

    select 1 as sign
    union all
    select -1 as sign

),

{% for counted_as in ['quantity', 'days', 'items'] -%}
-- What ended before the first day that is scored changes nothing any more.
{{ counted_as }}_measures as (

    select
        measures.{{ entity }},
        metric_measures.metric_number,
        metric_measures.is_daily,
        measures.item,
        measures.quantity,
        metric_measures.from_days,
        metric_measures.until_days,
        restarts.restart_on,
        measures.measured_on,
        measures.counts_from
    from {{ ref('int_' ~ level ~ '_measures') }} as measures
    inner join metric_measures
        on
            measures.measure = metric_measures.measure
            and metric_measures.counted_as = '{{ counted_as }}'
    inner join restarts
        on measures.{{ entity }} = restarts.entity_id
    where
        metric_measures.until_days is null
        or {{ add_days('measures.measured_on', 'metric_measures.until_days') }}
        > greatest(restarts.restart_on, measures.counts_from)

),

{% endfor -%}
-- A day is counted once however many of the account's users made it one.
counts as (

    select
        {{ entity }},
        metric_number,
        cast(quantity as {{ engine_type('double') }}) as weight,
        measured_on,
        counts_from
    from quantity_measures
    union all
    select
        {{ entity }},
        metric_number,
        cast(1 as {{ engine_type('double') }}) as weight,
        measured_on,
        min(counts_from) as counts_from
    from days_measures
    group by {{ entity }}, metric_number, measured_on

),

counts_by_day as (

    select
        {{ entity }},
        {% for metric in metrics -%}
        sum(case when metric_number = {{ loop.index }} then weight end)
            as {{ metric }},
        {% endfor -%}
        measured_on,
        counts_from
    from counts
    group by {{ entity }}, measured_on, counts_from

),

borders as (

    select
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

-- The metrics that a day enters (1) or leaves (-1) so many days later.
shifts as (

    select
        {% for metric in metrics -%}
        max(case when metric_number = {{ loop.index }} then sign end) as {{ metric }},
        {% endfor -%}
        is_daily,
        days_later
    from borders
    where days_later is not null
    group by is_daily, days_later

),

-- Only where something changes. A sum tells as well as the product whether both sides
-- are there; a condition on products that are columns, too, Spark writes in every form it
-- can have, two for each.
shifted_days as (

    select
        counts_by_day.{{ entity }},
        {% for metric in metrics -%}
        shifts.{{ metric }} * counts_by_day.{{ metric }} as {{ metric }},
        {% endfor -%}
        shifts.is_daily,
        greatest(
            {{ add_days('counts_by_day.measured_on', 'shifts.days_later') }},
            counts_by_day.counts_from
        ) as changed_on
    from counts_by_day
    cross join shifts
    where
        coalesce(
            {% for metric in metrics -%}
            shifts.{{ metric }} + counts_by_day.{{ metric }}{{ ',' if not loop.last }}
            {% endfor -%}
        ) is not null

),

times_of_use as (

    select
        {{ entity }},
        metric_number,
        is_daily,
        item,
        greatest(
            {{ add_days('measured_on', 'from_days') }},
            counts_from,
            {{ add_days('restart_on', -7) }}
        ) as starts_on,
        coalesce(
            {{ add_days('measured_on', 'until_days') }}, cast('9999-12-31' as date)
        ) as ends_on
    from items_measures
    where item is not null

),

-- All times that begin before the first day that is scored last until that day: one
-- stands for them, from a week before, so that a day of the weekly grid lies between.
uses as (

    select
        {{ entity }},
        metric_number,
        is_daily,
        item,
        starts_on,
        max(ends_on) as ends_on
    from times_of_use
    group by {{ entity }}, metric_number, is_daily, item, starts_on

),

-- A thing is counted once however often it comes: from the first day that no earlier
-- time covers, until the day that no later one follows. The end of time stands for
-- good, so that ends compare.
occurrences as (

    select
        {{ entity }},
        metric_number,
        is_daily,
        starts_on,
        ends_on,
        max(ends_on) over (
            partition by {{ entity }}, metric_number, item
            order by starts_on
            rows between unbounded preceding and 1 preceding
        ) as covered_until,
        lead(starts_on) over (
            partition by {{ entity }}, metric_number, item
            order by starts_on
        ) as next_starts_on
    from uses

),

covered_occurrences as (

    select
        *,
        case
            when covered_until > ends_on then covered_until else ends_on
        end as covered_then
    from occurrences

),

things as (

    select
        {{ entity }},
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
    from covered_occurrences
    {% if level == 'user' -%}
    union all
    select
        user_id,
        {{ metric_number('user', 'abandoned_upgrades_30d') }} as metric_number,
        true as is_daily,
        abandoned_from as starts_on,
        abandoned_until as ends_on
    from {{ ref('int_upgrades_abandoned') }}
    {% endif %}
),

signed_things as (

    select
        things.{{ entity }},
        things.metric_number,
        things.is_daily,
        signs.sign,
        case
            when signs.sign = 1 then things.starts_on else things.ends_on
        end as changed_on
    from things
    cross join signs

),

-- Most days begin or end several things: one row for them all.
things_by_day as (

    select
        {{ entity }},
        metric_number,
        is_daily,
        cast(sum(sign) as {{ engine_type('double') }}) as weight,
        changed_on
    from signed_things
    where changed_on is not null
    group by {{ entity }}, metric_number, is_daily, changed_on

),

all_changes as (

    select * from shifted_days
    union all
    select
        {{ entity }},
        {% for metric in metrics -%}
        case when metric_number = {{ loop.index }} then weight end as {{ metric }},
        {% endfor -%}
        is_daily,
        changed_on
    from things_by_day

),

-- Each Monday and as_of_date are right, and there are fewer days to sum up.
changes as (

    select
        all_changes.{{ entity }},
        {% for metric in metrics -%}
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
{%- endmacro %}
