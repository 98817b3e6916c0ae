-- One row per level, entity_id, score_model and day its grade or tier changed.
-- Those of settled days stay from build to build, as long as the day they are compared
-- with.
{{
    config(**history_rows(
        ['level', 'entity_id', 'score_model', 'changed_on'],
        'changed_on',
        compared_on='last_active_on',
    ))
}}

with

changes as (

    select * from {{ ref('int_label_changes') }}

),

signals_fired as (

    select * from {{ ref('int_signals_fired') }}

),

counted_points as (

    select
        level,
        entity_id,
        score_model,
        signal_id,
        points,
        as_of_date
    from signals_fired
    where is_counted and points != 0

),

points_of_both_days as (

    select
        changes.level,
        changes.entity_id,
        changes.score_model,
        changes.as_of_date,
        counted_points.signal_id as cause,
        counted_points.points
    from changes
    inner join counted_points
        on
            changes.level = counted_points.level
            and changes.entity_id = counted_points.entity_id
            and changes.score_model = counted_points.score_model
            and changes.as_of_date = counted_points.as_of_date
    union all
    select
        changes.level,
        changes.entity_id,
        changes.score_model,
        changes.as_of_date,
        counted_points.signal_id as cause,
        -counted_points.points as points
    from changes
    inner join counted_points
        on
            changes.level = counted_points.level
            and changes.entity_id = counted_points.entity_id
            and changes.score_model = counted_points.score_model
            and changes.date_before = counted_points.as_of_date
    union all
    select
        level,
        entity_id,
        score_model,
        as_of_date,
        'scores of its users' as cause,
        user_score - user_score_before as points
    from changes

),

changed_points as (

    select
        level,
        entity_id,
        score_model,
        as_of_date,
        cause,
        sum(points) as points
    from points_of_both_days
    group by level, entity_id, score_model, as_of_date, cause
    having sum(points) != 0

),

worded_causes as (

    select
        level,
        entity_id,
        score_model,
        as_of_date,
        cause || case when points > 0 then ' +' else ' ' end
        || cast(points as {{ dbt.type_string() }}) as cause,
        abs(points) as size
    from changed_points
    union all
    select
        level,
        entity_id,
        score_model,
        as_of_date,
        case
            when cap_before is null then 'capped: ' || grade_cap_reason
            else 'no longer capped: ' || cap_before
        end as cause,
        0 as size
    from changes
    where (cap_before is null) != (grade_cap_reason is null)
    union all
    -- A tier asks for a number of users, too.
    select
        level,
        entity_id,
        score_model,
        as_of_date,
        cast(users_before as {{ dbt.type_string() }}) || ' to '
        || cast(users as {{ dbt.type_string() }}) || ' users' as cause,
        0 as size
    from changes
    where users != users_before

),

listed_causes as (

    select
        level,
        entity_id,
        score_model,
        as_of_date,
        {{ dbt.listagg('cause', "', '", 'order by size desc, cause') }} as causes
    from worded_causes
    group by level, entity_id, score_model, as_of_date

),

score_transitions as (

    select
        changes.level,
        changes.entity_id,
        changes.account_id,
        changes.score_model,
        changes.label_before as from_label,
        changes.label as to_label,
        listed_causes.causes,
        changes.score_before as from_score,
        changes.score as to_score,
        changes.last_active_on,
        changes.as_of_date as changed_on
    from changes
    left join listed_causes
        on
            changes.level = listed_causes.level
            and changes.entity_id = listed_causes.entity_id
            and changes.score_model = listed_causes.score_model
            and changes.as_of_date = listed_causes.as_of_date

)

select * from score_transitions
