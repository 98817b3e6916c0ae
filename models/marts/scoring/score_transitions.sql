-- One row per level, entity_id, score_model and day its grade or tier changed.
with

pql_score_history as (

    select * from {{ ref('pql_score_history') }}

),

pqa_score_history as (

    select * from {{ ref('pqa_score_history') }}

),

signals_fired as (

    select * from {{ ref('int_signals_fired') }}

),

labels as (

    select
        'user' as level,
        user_id as entity_id,
        score_model,
        grade as label,
        grade_cap_reason,
        score,
        cast(0 as {{ dbt.type_bigint() }}) as user_score,
        cast(0 as {{ dbt.type_bigint() }}) as users,
        as_of_date
    from pql_score_history
    union all
    select
        'account' as level,
        account_id as entity_id,
        score_model,
        tier_name as label,
        cast(null as {{ dbt.type_string() }}) as grade_cap_reason,
        score,
        user_score,
        users,
        as_of_date
    from pqa_score_history

),

labels_before as (

    select
        *,
        lag(label) over (
            partition by level, entity_id, score_model order by as_of_date
        ) as label_before,
        lag(grade_cap_reason) over (
            partition by level, entity_id, score_model order by as_of_date
        ) as cap_before,
        lag(score) over (
            partition by level, entity_id, score_model order by as_of_date
        ) as score_before,
        lag(user_score) over (
            partition by level, entity_id, score_model order by as_of_date
        ) as user_score_before,
        lag(users) over (
            partition by level, entity_id, score_model order by as_of_date
        ) as users_before,
        lag(as_of_date) over (
            partition by level, entity_id, score_model order by as_of_date
        ) as date_before
    from labels

),

changes as (

    select * from labels_before
    where label != label_before

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
        changes.score_model,
        changes.label_before as from_label,
        changes.label as to_label,
        listed_causes.causes,
        changes.score_before as from_score,
        changes.score as to_score,
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
