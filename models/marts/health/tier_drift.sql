-- One row per level, score_model and as_of_date, a Monday: how far labels have moved.
with

example_scores as (

    select * from {{ ref('int_example_scores') }}

),

counts as (

    select
        level,
        score_model,
        label,
        as_of_date,
        count(*) as entities
    from example_scores
    group by level, score_model, label, as_of_date

),

days as (

    select
        level,
        score_model,
        as_of_date
    from counts
    group by level, score_model, as_of_date

),

labels as (

    select
        level,
        score_model,
        label
    from counts
    group by level, score_model, label

),

-- A label that nobody has on a day is counted, too.
compared_counts as (

    select
        days.level,
        days.score_model,
        days.as_of_date,
        labels.label,
        sum(
            case
                when counts.as_of_date = days.as_of_date then counts.entities else 0
            end
        ) as entities,
        sum(
            case
                when counts.as_of_date < days.as_of_date then counts.entities else 0
            end
        ) as entities_before
    from days
    inner join labels
        on
            days.level = labels.level
            and days.score_model = labels.score_model
    left join counts
        on
            labels.level = counts.level
            and labels.score_model = counts.score_model
            and labels.label = counts.label
            and days.as_of_date >= counts.as_of_date
            and counts.as_of_date >= {{ add_days('days.as_of_date', -28) }}
    group by days.level, days.score_model, days.as_of_date, labels.label

),

-- Half an entity is added to each, so that an empty label has a share to compare.
shares as (

    select
        level,
        score_model,
        as_of_date,
        entities,
        entities_before,
        {{ ratio(
            '(entities + 0.5)',
            'sum(entities + 0.5) over (partition by level, score_model, as_of_date)',
        ) }} as label_share,
        {{ ratio(
            '(entities_before + 0.5)',
            'sum(entities_before + 0.5) over ('
            ~ 'partition by level, score_model, as_of_date)',
        ) }} as label_share_before
    from compared_counts

),

-- The population stability index: how much the shares differ, each by its own weight.
-- Rounded, for sums of doubles depend on their order.
indexes as (

    select
        level,
        score_model,
        as_of_date,
        {{ total('entities') }} as entities,
        {{ total('entities_before') }} as entities_before,
        {{ rounded(
            'sum((label_share - label_share_before)'
            ~ ' * ln(label_share / label_share_before))',
            9,
        ) }} as stability_index
    from shares
    group by level, score_model, as_of_date

),

tier_drift as (

    select
        level,
        score_model,
        case
            when entities_before = 0 then 'no_past'
            when stability_index < 0.1 then 'stable'
            when stability_index < 0.25 then 'moving'
            else 'drifted'
        end as verdict,
        entities,
        entities_before,
        case when entities_before > 0 then stability_index end as stability_index,
        as_of_date
    from indexes

)

select * from tier_drift
