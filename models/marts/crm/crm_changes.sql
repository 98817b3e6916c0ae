-- One row per object_type and object_key whose state in the CRM is not as it should be.
-- It is compared with what the CRM acknowledged, never with what was meant to be sent:
-- nothing changed gives no row, and what failed to arrive comes again.
with

crm_fields as (

    select * from {{ ref('crm_fields') }}

),

acknowledged as (

    select * from {{ ref('crm_acknowledged') }}

),

routing as (

    select * from {{ ref('account_routing') }}

),

queue as (

    select * from {{ ref('sales_queue') }}

),

dossiers as (

    select * from {{ ref('account_dossiers') }}

),

account_crm as (

    select * from {{ ref('int_account_crm') }}

),

pqa_scores as (

    select * from {{ ref('pqa_scores') }}
    where score_model = '{{ var("active_score_model") }}'

),

pql_scores as (

    select * from {{ ref('pql_scores') }}
    where score_model = '{{ var("active_score_model") }}'

),

pqa_tiers as (

    select max(tier) as lowest_tier
    from {{ ref('pqa_tiers') }}

),

pql_grades as (

    select grade
    from {{ ref('pql_grades') }}
    where min_score is null

),

users as (

    select * from {{ ref('users') }}

),

user_metrics as (

    select * from {{ ref('user_metrics') }}

),

-- Accounts of some standing, those of sales, and those the CRM has anyway.
accounts as (

    select
        routing.account_id as object_key,
        dossiers.company_name as account_name,
        account_crm.account_name as account_name_there,
        dossiers.domain,
        case when account_crm.crm_account_id is not null then dossiers.domain end
            as domain_there,
        routing.owner_id,
        account_crm.owner_id as owner_id_there,
        pqa_scores.score as pqa_score,
        pqa_scores.tier_name as pqa_tier,
        pqa_scores.fit_score,
        pqa_scores.engagement_score,
        pqa_scores.users,
        pqa_scores.active_users_30d,
        dossiers.plan,
        dossiers.segment,
        routing.motion,
        routing.play,
        routing.guards,
        cast(
            {{ rounded('routing.estimated_acv_usd', 0) }} as {{ dbt.type_bigint() }}
        ) as estimated_acv_usd,
        dossiers.usage_trend,
        dossiers.top_signals,
        dossiers.recommended_approach
    from routing
    cross join pqa_tiers
    inner join dossiers
        on routing.account_id = dossiers.account_id
    inner join pqa_scores
        on routing.account_id = pqa_scores.account_id
    left join account_crm
        on routing.account_id = account_crm.account_id
    where
        pqa_scores.tier < pqa_tiers.lowest_tier
        or routing.is_sales_motion
        or account_crm.crm_account_id is not null

),

-- Of these accounts, the people worth knowing who have not opted out.
contacts as (

    select
        users.user_id as object_key,
        users.email,
        users.full_name,
        users.job_title,
        users.account_id,
        users.persona,
        pql_scores.score as pql_score,
        pql_scores.grade as pql_grade,
        case when users.is_recommended_contact then 'true' else 'false' end
            as is_recommended_contact,
        {{ add_days(
            'user_metrics.as_of_date', '-user_metrics.days_since_last_active'
        ) }} as last_active_on
    from users
    inner join accounts
        on users.account_id = accounts.object_key
    inner join pql_scores
        on users.user_id = pql_scores.user_id
    inner join user_metrics
        on users.user_id = user_metrics.user_id
    left join pql_grades
        on pql_scores.grade = pql_grades.grade
    where
        users.email is not null
        and not coalesce(users.is_opted_out, false)
        and (pql_grades.grade is null or users.persona != 'end_user')

),

tasks as (

    select
        account_id || '|' || coalesce(trigger, 'entered') || '|'
        || cast(due_by as {{ dbt.type_string() }}) as object_key,
        account_id,
        contact_user_id,
        owner_id,
        'Talk to ' || company_name || ': '
        || coalesce(
            trigger_evidence || ' ('
            || cast(triggered_on as {{ dbt.type_string() }}) || ')',
            tier_name
        ) as subject,
        recommended_approach || ' Begin with: ' || opening_line as details,
        priority,
        due_by
    from queue
    where status = 'assigned'

),

wanted_values as (

    {% for object_type in ['account', 'contact', 'task'] -%}
    {% set last_type = loop.last -%}
    {% for field in crm_payload(object_type) -%}
    select
        '{{ object_type }}' as object_type,
        object_key,
        '{{ field }}' as field,
        {{ clean_text('cast(' ~ field ~ ' as ' ~ dbt.type_string() ~ ')') }} as value,
        {% if object_type == 'account'
            and field in ['account_name', 'domain', 'owner_id'] -%}
        cast({{ field }}_there as {{ dbt.type_string() }}) as value_there
        {%- else -%}
        cast(null as {{ dbt.type_string() }}) as value_there
        {%- endif %}
    from {{ object_type }}s
    {{ 'union all' if not (last_type and loop.last) }}
    {% endfor -%}
    {% endfor %}
),

-- A field that is the CRM's own is sent while it is empty there; once it is filled, by
-- whomever, what was acknowledged last goes on standing for it.
held_values as (

    select
        wanted_values.object_type,
        wanted_values.object_key,
        wanted_values.field,
        wanted_values.value,
        {{ json_value('acknowledged.payload', 'wanted_values.field') }} as value_before,
        crm_fields.crm_owned and (
            wanted_values.value_there is not null
            or {{ json_value('acknowledged.payload', 'wanted_values.field') }}
            is not null
        ) as is_theirs,
        acknowledged.payload_hash as previous_hash
    from wanted_values
    inner join crm_fields
        on
            wanted_values.object_type = crm_fields.object_type
            and wanted_values.field = crm_fields.field
    left join acknowledged
        on
            wanted_values.object_type = acknowledged.object_type
            and wanted_values.object_key = acknowledged.object_key

),

worded_values as (

    select
        object_type,
        object_key,
        previous_hash,
        field,
        case
            when not is_theirs
                then
                    '"' || field || '": '
                    || coalesce({{ json_text('value') }}, 'null')
        end as sent,
        case when not is_theirs then field end as sent_field,
        case
            when case when is_theirs then value_before else value end is not null
                then
                    '"' || field || '": '
                    || {{ json_text(
                        'case when is_theirs then value_before else value end'
                    ) }}
        end as held
    from held_values

),

payloads as (

    select
        object_type,
        object_key,
        {{ dbt.listagg('sent_field', "', '", 'order by field') }} as fields,
        '{' || coalesce({{ dbt.listagg('sent', "', '", 'order by field') }}, '') || '}'
            as sent,
        '{' || coalesce({{ dbt.listagg('held', "', '", 'order by field') }}, '') || '}'
            as payload,
        previous_hash
    from worded_values
    group by object_type, object_key, previous_hash

),

hashed_payloads as (

    select
        *,
        {{ dbt.hash('payload') }} as payload_hash
    from payloads

),

cleared_fields as (

    select
        object_type,
        {{ dbt.listagg('field', "', '", 'order by field') }} as fields
    from crm_fields
    where not crm_owned
    group by object_type

),

crm_changes as (

    select
        object_type,
        object_key,
        case when previous_hash is null then 'insert' else 'update' end as operation,
        fields,
        sent,
        payload,
        payload_hash,
        previous_hash
    from hashed_payloads
    where previous_hash is null or payload_hash != previous_hash
    union all
    select
        acknowledged.object_type,
        acknowledged.object_key,
        'clear' as operation,
        cleared_fields.fields,
        '{}' as sent,
        cast(null as {{ dbt.type_string() }}) as payload,
        cast(null as {{ dbt.type_string() }}) as payload_hash,
        acknowledged.payload_hash as previous_hash
    from acknowledged
    left join hashed_payloads
        on
            acknowledged.object_type = hashed_payloads.object_type
            and acknowledged.object_key = hashed_payloads.object_key
    left join cleared_fields
        on acknowledged.object_type = cleared_fields.object_type
    where hashed_payloads.object_key is null

)

select * from crm_changes
