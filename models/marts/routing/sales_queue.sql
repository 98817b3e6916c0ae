-- One row per account_id that a person of sales is to talk to, the best first.
with

routing as (

    select * from {{ ref('account_routing') }}
    where queue_position is not null

),

dossiers as (

    select * from {{ ref('account_dossiers') }}

),

pqa_scores as (

    select * from {{ ref('pqa_scores') }}
    where score_model = '{{ var("active_score_model") }}'

),

pql_scores as (

    select * from {{ ref('pql_scores') }}
    where score_model = '{{ var("active_score_model") }}'

),

score_breakdown as (

    select * from {{ ref('score_breakdown') }}
    where
        score_model = '{{ var("active_score_model") }}'
        and category = 'intent'
        and is_counted

),

-- The account's own, and those of users whose points count for it.
intent_points as (

    select
        entity_id as account_id,
        points
    from score_breakdown
    where level = 'account'
    union all
    select
        pql_scores.account_id,
        score_breakdown.points
    from score_breakdown
    inner join pql_scores
        on score_breakdown.entity_id = pql_scores.user_id
    where
        score_breakdown.level = 'user'
        and {{ user_term('pql_scores.score', 'pql_scores.behaviour_score') }} > 0

),

intent_scores as (

    select
        account_id,
        {{ total('points') }} as intent_score
    from intent_points
    group by account_id

),

sales_triggers as (

    select * from {{ ref('sales_triggers') }}

),

sales_reps as (

    select * from {{ ref('sales_reps') }}

),

-- What made it pressing, the newest that did.
ranked_triggers as (

    select
        routing.account_id,
        sales_triggers.evidence,
        sales_triggers.triggered_on,
        row_number() over (
            partition by routing.account_id
            order by sales_triggers.triggered_on desc, sales_triggers.trigger_id
        ) as trigger_rank
    from routing
    inner join sales_triggers
        on
            routing.account_id = sales_triggers.account_id
            and routing.trigger = sales_triggers.trigger

),

sales_queue as (

    select
        routing.account_id,
        routing.owner_id,
        dossiers.contact_user_id,
        dossiers.company_name,
        routing.motion,
        routing.play,
        routing.priority,
        routing.status,
        dossiers.segment,
        routing.region,
        dossiers.tier_name,
        routing.trigger,
        ranked_triggers.evidence as trigger_evidence,
        dossiers.top_signals,
        sales_reps.name as owner_name,
        dossiers.contact_email,
        dossiers.contact_name,
        dossiers.contact_persona,
        dossiers.recommended_approach,
        dossiers.opening_line,
        routing.queue_position,
        pqa_scores.score,
        pqa_scores.tier,
        pqa_scores.fit_score,
        pqa_scores.engagement_score,
        coalesce(intent_scores.intent_score, 0) as intent_score,
        routing.estimated_acv_usd,
        routing.due_by < routing.as_of_date as is_overdue,
        ranked_triggers.triggered_on,
        routing.entered_on,
        routing.due_by,
        routing.as_of_date
    from routing
    inner join dossiers
        on routing.account_id = dossiers.account_id
    inner join pqa_scores
        on routing.account_id = pqa_scores.account_id
    left join intent_scores
        on routing.account_id = intent_scores.account_id
    left join ranked_triggers
        on
            routing.account_id = ranked_triggers.account_id
            and ranked_triggers.trigger_rank = 1
    left join sales_reps
        on routing.owner_id = sales_reps.rep_id

)

select * from sales_queue
