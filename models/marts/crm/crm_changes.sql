-- One row per object_type and object_key whose state in the CRM is not as it should be.
-- It is compared with what the CRM acknowledged, never with what was meant to be sent:
-- nothing changed gives no row, and what failed to arrive comes again.
{%- set there = ['account_name', 'domain', 'owner_id'] %}
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

sent_fields as (

    select
        object_type,
        field,
        case when crm_owned then 1 else 0 end as is_owned
    from crm_fields

),

{% for object_type in ['account', 'contact', 'task'] %}
{%- set types = crm_payload(object_type) %}
{%- set fields = types | sort %}
-- Of each field: null where it is never sent, else whether it is the CRM's own.
{{ object_type }}_fields as (

    select
        {%- for field in fields %}
        max(case when field = '{{ field }}' then is_owned end)
            as {{ field }},
        {%- endfor %}
        count(*) as fields
    from sent_fields
    where object_type = '{{ object_type }}'

),

{{ object_type }}_values as (

    select
        {{ object_type }}s.object_key,
        {%- for field in fields %}
        {%- set value = object_type ~ 's.' ~ field %}
        {% if types[field] == 'text' -%}
        {{ clean_text(value) }}
        {%- else -%}
        cast({{ value }} as {{ dbt.type_string() }})
        {%- endif %}
            as {{ field }},
        {{ json_value('acknowledged.payload', "'" ~ field ~ "'") }}
            as {{ field }}_before,
        {{ object_type }}_fields.{{ field }} as {{ field }}_owned,
        {%- endfor %}
        {%- for field in there if object_type == 'account' %}
        {{ object_type }}s.{{ field }}_there,
        {%- endfor %}
        acknowledged.payload_hash as previous_hash
    from {{ object_type }}s
    cross join {{ object_type }}_fields
    left join acknowledged
        on
            acknowledged.object_type = '{{ object_type }}'
            and {{ object_type }}s.object_key = acknowledged.object_key
    where {{ object_type }}_fields.fields > 0

),

-- A field that is the CRM's own is sent while it is empty there; once it is filled, by
-- whomever, what was acknowledged last goes on standing for it.
{{ object_type }}_states as (

    select
        {%- for field in fields %}
        coalesce(
            {{ field }}_owned = 0
            or (
                {{ field }}_owned = 1
                and {{ field }}_before is null
                {%- if object_type == 'account' and field in there %}
                and {{ field }}_there is null
                {%- endif %}
            ),
            false
        ) as {{ field }}_is_sent,
        {%- endfor %}
        {{ object_type }}_values.*
    from {{ object_type }}_values

),

-- In the order of their names, so that what is equal has the same text; without the
-- comma before the first.
{{ object_type }}_payloads as (

    select
        '{{ object_type }}' as object_type,
        object_key,
        substring(
            ''
            {%- for field in fields %}
            || case when {{ field }}_is_sent then ', {{ field }}' else '' end
            {%- endfor %},
            3
        ) as fields,
        substring(
            ''
            {%- for field in fields %}
            || case
                when {{ field }}_is_sent
                    then
                        ', "{{ field }}": '
                        || coalesce({{ json_text(field) }}, 'null')
                else ''
            end
            {%- endfor %},
            3
        ) as sent,
        substring(
            ''
            {%- for field in fields %}
            || case
                when {{ field }}_is_sent and {{ field }} is not null
                    then ', "{{ field }}": ' || {{ json_text(field) }}
                when
                    {{ field }}_owned = 1
                    and not {{ field }}_is_sent
                    and {{ field }}_before is not null
                    then
                        ', "{{ field }}": '
                        || {{ json_text(field ~ '_before') }}
                else ''
            end
            {%- endfor %},
            3
        ) as held,
        previous_hash
    from {{ object_type }}_states

),
{% endfor %}

payloads as (

    {% for object_type in ['account', 'contact', 'task'] -%}
    select
        object_type,
        object_key,
        nullif(fields, '') as fields,
        '{' || sent || '}' as sent,
        '{' || held || '}' as payload,
        previous_hash
    from {{ object_type }}_payloads
    {{ 'union all' if not loop.last }}
    {% endfor %}
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
