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

user_scores as (

    select * from {{ ref('int_user_scores') }}

),

counted_points as (

    select
        level,
        entity_id,
        score_model,
        signal_id,
        metric,
        category,
        points,
        as_of_date
    from signals_fired
    where is_counted and points != 0

),

-- What each user adds to the account on both days: what rose and what fell is told
-- apart, though the account shows only their sum.
user_terms as (

    select
        changes.entity_id,
        changes.score_model,
        changes.as_of_date,
        user_scores.user_id,
        sum(
            case
                when
                    changes.as_of_date >= user_scores.as_of_date
                    and changes.as_of_date <= user_scores.valid_until
                    then 1
                else 0
            end * {{ user_term('user_scores.score', 'user_scores.behaviour_score') }}
        ) - sum(
            case
                when
                    changes.date_before >= user_scores.as_of_date
                    and changes.date_before <= user_scores.valid_until
                    then 1
                else 0
            end * {{ user_term('user_scores.score', 'user_scores.behaviour_score') }}
        ) as term_change
    from changes
    inner join user_scores
        on
            changes.level = 'account'
            and changes.account_id = user_scores.account_id
            and changes.score_model = user_scores.score_model
            and changes.date_before <= user_scores.valid_until
            and changes.as_of_date >= user_scores.as_of_date
    group by
        changes.entity_id,
        changes.score_model,
        changes.as_of_date,
        user_scores.user_id

),

user_gains as (

    select
        'account' as level,
        entity_id,
        score_model,
        as_of_date,
        {{ total('case when term_change > 0 then term_change else 0 end') }} as gain
    from user_terms
    group by entity_id, score_model, as_of_date

),

points_of_both_days as (

    select
        changes.level,
        changes.entity_id,
        changes.score_model,
        changes.as_of_date,
        counted_points.signal_id as cause,
        counted_points.metric,
        counted_points.category,
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
        counted_points.metric,
        counted_points.category,
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
        'scores of its users' as metric,
        cast(null as {{ dbt.type_string() }}) as category,
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

-- Points come with what an entity does and go when it does not: the steps of a metric
-- count together. Of the company we only learn.
metric_points as (

    select
        level,
        entity_id,
        score_model,
        as_of_date,
        metric,
        max(case when category = 'firmographic' then 1 else 0 end) = 1 as is_company,
        sum(points) as points
    from points_of_both_days
    group by level, entity_id, score_model, as_of_date, metric

),

shares as (

    select
        metric_points.level,
        metric_points.entity_id,
        metric_points.score_model,
        metric_points.as_of_date,
        {{ total(
            'case when metric_points.is_company then 0'
            ~ " when metric_points.metric = 'scores of its users'"
            ~ ' then coalesce(user_gains.gain, 0)'
            ~ ' when metric_points.points > 0 then metric_points.points else 0 end'
        ) }} as behaviour_points,
        {{ total(
            'case when metric_points.is_company then metric_points.points else 0 end'
        ) }} as company_points
    from metric_points
    left join user_gains
        on
            metric_points.level = user_gains.level
            and metric_points.entity_id = user_gains.entity_id
            and metric_points.score_model = user_gains.score_model
            and metric_points.as_of_date = user_gains.as_of_date
    group by
        metric_points.level,
        metric_points.entity_id,
        metric_points.score_model,
        metric_points.as_of_date

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
        coalesce(shares.behaviour_points, 0) as behaviour_points,
        changes.score - changes.score_before
        - coalesce(shares.behaviour_points, 0)
        - coalesce(shares.company_points, 0) as rolled_off_points,
        coalesce(shares.company_points, 0) as company_points,
        changes.last_active_on,
        changes.as_of_date as changed_on
    from changes
    left join shares
        on
            changes.level = shares.level
            and changes.entity_id = shares.entity_id
            and changes.score_model = shares.score_model
            and changes.as_of_date = shares.as_of_date
    left join listed_causes
        on
            changes.level = listed_causes.level
            and changes.entity_id = listed_causes.entity_id
            and changes.score_model = listed_causes.score_model
            and changes.as_of_date = listed_causes.as_of_date

)

select * from score_transitions
