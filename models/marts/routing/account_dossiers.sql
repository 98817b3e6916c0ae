-- One row per account_id that is not internal: what a rep knows before the first word.
-- It arranges what other models have computed.
{%- set required = [
    'company_name', 'segment', 'users', 'active_users_30d', 'features_30d',
    'usage_trend', 'onboarding_share', 'contact_user_id', 'contact_email', 'tier_name',
    'score', 'top_signals', 'estimated_acv_usd', 'recommended_approach',
    'opening_line',
] %}
with

as_of as (

    select * from {{ ref('int_as_of_date') }}

),

accounts as (

    select * from {{ ref('accounts') }}
    where not is_internal

),

account_metrics as (

    select * from {{ ref('account_metrics') }}

),

account_values as (

    select * from {{ ref('account_values') }}

),

account_limits as (

    select account_limits.*
    from {{ ref('int_account_limits') }} as account_limits
    inner join as_of
        on account_limits.as_of_date = as_of.as_of_date

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
    where score_model = '{{ var("active_score_model") }}'

),

users as (

    select
        users.*,
        known_users.is_buyer,
        pql_scores.behaviour_score
    from {{ ref('users') }} as users
    inner join {{ ref('int_users') }} as known_users
        on users.user_id = known_users.user_id
    inner join pql_scores
        on users.user_id = pql_scores.user_id

),

onboarding_steps as (

    select * from {{ ref('onboarding_steps') }}

),

-- Of all that people do, only what is told.
account_usage as (

    select
        users.account_id,
        daily_usage.behaviour,
        daily_usage.feature
    from {{ ref('daily_usage') }} as daily_usage
    inner join users
        on daily_usage.user_id = users.user_id
    where
        daily_usage.behaviour in (
            'enterprise_feature_explored', 'enterprise_feature_requested'
        )
        or daily_usage.behaviour in (
            select onboarding_steps.behaviour from onboarding_steps
        )
    group by users.account_id, daily_usage.behaviour, daily_usage.feature

),

talk_tracks as (

    select * from {{ ref('talk_tracks') }}

),

-- Locked features that somebody opened, and those that were asked for.
wanted_features as (

    select
        account_id,
        coalesce(feature, 'enterprise features') as feature
    from account_usage
    where
        behaviour in ('enterprise_feature_explored', 'enterprise_feature_requested')
    group by account_id, coalesce(feature, 'enterprise features')

),

features_wanted as (

    select
        account_id,
        {{ dbt.listagg('feature', "', '", 'order by feature') }} as features_wanted
    from wanted_features
    group by account_id

),

done_steps as (

    select
        account_usage.account_id,
        onboarding_steps.step_order,
        onboarding_steps.step
    from account_usage
    inner join onboarding_steps
        on account_usage.behaviour = onboarding_steps.behaviour
    where
        onboarding_steps.feature is null
        or account_usage.feature = onboarding_steps.feature
    group by
        account_usage.account_id,
        onboarding_steps.step_order,
        onboarding_steps.step

),

onboarding as (

    select
        account_id,
        {{ dbt.listagg('step', "', '", 'order by step_order, step') }}
            as onboarding_done,
        count(*) as onboarding_steps_done
    from done_steps
    group by account_id

),

step_count as (

    select count(*) as steps
    from onboarding_steps

),

-- A persona is the first of many parts that somebody plays: a buyer who asked is a
-- buyer all the same, and so is the champion.
ranked_people as (

    select
        account_id,
        coalesce(email, user_id) as person,
        is_buyer,
        behaviour_score,
        row_number() over (
            partition by account_id, is_buyer
            order by behaviour_score desc, created_at, user_id
        ) as buyer_rank,
        row_number() over (
            partition by account_id
            order by behaviour_score desc, created_at, user_id
        ) as champion_rank,
        case when seniority = 'executive' then 1 else 0 end as is_executive,
        cast(activated_at as date) as activated_on
    from users

),

people as (

    select
        account_id,
        max(
            case when champion_rank = 1 and behaviour_score > 0 then person end
        ) as champion,
        coalesce(
            max(case when is_buyer and buyer_rank = 1 then person end),
            'no buyer among users'
        ) as buyer,
        cast(sum(is_executive) as {{ dbt.type_bigint() }}) as executives,
        min(activated_on) as activated_on
    from ranked_people
    group by account_id

),

-- The account's own signals and those of the person to talk to, the strongest first, of
-- equals what somebody wants before what somebody does; what the company is is apart.
speakers as (

    select
        account_id,
        'account' as level,
        account_id as entity_id
    from accounts
    union all
    select
        account_id,
        'user' as level,
        recommended_contact as entity_id
    from accounts
    where recommended_contact is not null

),

counted_signals as (

    select
        speakers.account_id,
        score_breakdown.level,
        score_breakdown.signal_id,
        score_breakdown.category,
        score_breakdown.evidence,
        score_breakdown.metric_value,
        score_breakdown.points,
        score_breakdown.last_event_at
    from speakers
    inner join score_breakdown
        on
            speakers.level = score_breakdown.level
            and speakers.entity_id = score_breakdown.entity_id
    where
        score_breakdown.is_counted
        and score_breakdown.points > 0
        and score_breakdown.category != 'firmographic'

),

ranked_signals as (

    select
        counted_signals.*,
        talk_tracks.recommended_approach,
        talk_tracks.opening_line,
        row_number() over (
            partition by counted_signals.account_id
            order by
                counted_signals.points desc,
                case when counted_signals.category = 'intent' then 1 else 2 end,
                coalesce(
                    counted_signals.last_event_at, cast('1900-01-01' as timestamp)
                ) desc,
                counted_signals.signal_id,
                counted_signals.level
        ) as signal_rank,
        row_number() over (
            partition by counted_signals.account_id
            order by
                case when talk_tracks.signal_id is null then 2 else 1 end,
                counted_signals.points desc,
                case when counted_signals.category = 'intent' then 1 else 2 end,
                coalesce(
                    counted_signals.last_event_at, cast('1900-01-01' as timestamp)
                ) desc,
                counted_signals.signal_id,
                counted_signals.level
        ) as talk_rank
    from counted_signals
    left join talk_tracks
        on
            counted_signals.level = talk_tracks.level
            and counted_signals.signal_id = talk_tracks.signal_id

),

listed_signals as (

    select
        account_id,
        signal_rank,
        evidence || ' (+' || cast(points as {{ dbt.type_string() }}) || ')' as line
    from ranked_signals
    where signal_rank <= 5

),

top_signals as (

    select
        account_id,
        {{ dbt.listagg('line', "'; '", 'order by signal_rank') }} as top_signals
    from listed_signals
    group by account_id

),

-- The words for everybody, where the strongest signals have none of their own.
default_track as (

    select
        max(recommended_approach) as recommended_approach,
        max(opening_line) as opening_line
    from talk_tracks
    where signal_id is null

),

arranged as (

    select
        accounts.account_id,
        accounts.recommended_contact as contact_user_id,
        coalesce(
            accounts.company_name, accounts.domain, accounts.account_id
        ) as company_name,
        accounts.domain,
        accounts.industry,
        accounts.country,
        accounts.funding_stage,
        accounts.segment,
        accounts.plan,
        account_values.next_plan,
        contacts.email as contact_email,
        contacts.full_name as contact_name,
        contacts.persona as contact_persona,
        people.champion,
        people.buyer,
        features_wanted.features_wanted,
        account_limits.meter as limit_meter,
        onboarding.onboarding_done,
        case
            when account_metrics.growth_weeks > account_metrics.decline_weeks
                then 'growing'
            when account_metrics.growth_weeks < account_metrics.decline_weeks
                then 'declining'
            else 'stable'
        end as usage_trend,
        pqa_scores.tier_name,
        top_signals.top_signals,
        case
            when talk_signals.opening_line is not null
                then talk_signals.recommended_approach
            else default_track.recommended_approach
        end as approach_text,
        coalesce(talk_signals.opening_line, default_track.opening_line)
            as opening_text,
        {{ number_text('talk_signals.metric_value') }} as n,
        {{ number_text('talk_signals.metric_value * 100', 0) }} || ' %'
            as percent_text,
        accounts.employee_count,
        accounts.users,
        account_metrics.active_users_7d,
        accounts.active_users_30d,
        account_metrics.features_30d,
        account_metrics.integrations_connected,
        account_metrics.usage_events_w0,
        account_metrics.usage_events_w1,
        account_metrics.usage_events_w2,
        account_metrics.usage_events_w3,
        people.executives,
        coalesce(onboarding.onboarding_steps_done, 0) as onboarding_steps_done,
        {{ ratio(
            'coalesce(onboarding.onboarding_steps_done, 0)', 'step_count.steps'
        ) }} as onboarding_share,
        account_limits.limit_utilisation as limit_used_share,
        pqa_scores.score,
        account_values.estimated_acv_usd,
        account_values.expansion_value_usd,
        accounts.mrr_usd,
        accounts.first_seen_on,
        people.activated_on
    from accounts
    cross join step_count
    cross join default_track
    inner join account_metrics
        on accounts.account_id = account_metrics.account_id
    inner join account_values
        on accounts.account_id = account_values.account_id
    inner join pqa_scores
        on accounts.account_id = pqa_scores.account_id
    left join users as contacts
        on accounts.recommended_contact = contacts.user_id
    left join people
        on accounts.account_id = people.account_id
    left join features_wanted
        on accounts.account_id = features_wanted.account_id
    left join account_limits
        on accounts.account_id = account_limits.account_id
    left join onboarding
        on accounts.account_id = onboarding.account_id
    left join top_signals
        on accounts.account_id = top_signals.account_id
    left join ranked_signals as talk_signals
        on
            accounts.account_id = talk_signals.account_id
            and talk_signals.talk_rank = 1

),

agreed as (

    select
        *,
        {{ talk_words('approach_text') }} as agreed_approach,
        {{ talk_words('opening_text') }} as agreed_opening
    from arranged

),

worded as (

    select
        *,
        {{ talk_text('agreed_approach') }} as recommended_approach,
        {{ talk_text('agreed_opening') }} as opening_line
    from agreed

),

dossiers as (

    select
        account_id,
        contact_user_id,
        company_name,
        domain,
        industry,
        country,
        funding_stage,
        segment,
        plan,
        next_plan,
        contact_email,
        contact_name,
        contact_persona,
        champion,
        buyer,
        features_wanted,
        limit_meter,
        onboarding_done,
        usage_trend,
        tier_name,
        top_signals,
        recommended_approach,
        opening_line,
        nullif(
            {% for field in required -%}
            case when {{ field }} is null then '{{ field }} ' else '' end
            {{- ' ||' if not loop.last }}
            {% endfor -%},
            ''
        ) as missing_fields,
        employee_count,
        users,
        active_users_7d,
        active_users_30d,
        features_30d,
        integrations_connected,
        usage_events_w0,
        usage_events_w1,
        usage_events_w2,
        usage_events_w3,
        executives,
        onboarding_steps_done,
        onboarding_share,
        limit_used_share,
        score,
        estimated_acv_usd,
        expansion_value_usd,
        mrr_usd,
        {% for field in required -%}
        {{ field }} is not null{{ ' and ' if not loop.last }}
        {%- endfor %} as is_complete,
        first_seen_on,
        activated_on
    from worded

)

select * from dossiers
