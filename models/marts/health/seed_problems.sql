-- One row per row of a seed that cannot mean anything, with what to do about it.
with recursive

event_catalog as (

    select * from {{ ref('event_catalog') }}

),

behaviours as (

    select * from {{ ref('behaviours') }}

),

signals as (

    select * from {{ ref('signals') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

icp as (

    select * from {{ ref('icp') }}

),

account_overrides as (

    select
        match_type,
        case
            when match_type in ('email', 'domain') then lower(match_value)
            else match_value
        end as match_value,
        account_id
    from {{ ref('account_overrides') }}

),

domain_aliases as (

    select
        lower(alias_domain) as alias_domain,
        lower(domain) as domain
    from {{ ref('domain_aliases') }}

),

personal_domains as (

    select * from {{ ref('personal_domains') }}

),

internal_domains as (

    select * from {{ ref('internal_domains') }}

),

segments as (

    select * from {{ ref('segments') }}

),

pql_grades as (

    select * from {{ ref('pql_grades') }}

),

pqa_tiers as (

    select * from {{ ref('pqa_tiers') }}

),

seed_row_problems as (

    select * from {{ ref('int_seed_row_problems') }}

),

unknown_behaviours as (

    select
        'event_catalog' as seed,
        event_catalog.event_name || ', ' || event_catalog.behaviour as row_name,
        'unknown behaviour ' || event_catalog.behaviour as problem,
        'use one of seeds/behaviours.csv' as mend
    from event_catalog
    left join behaviours
        on event_catalog.behaviour = behaviours.behaviour
    where event_catalog.behaviour is not null and behaviours.behaviour is null

),

half_patterns as (

    select
        'event_catalog' as seed,
        coalesce(event_name, '(no event_name)') as row_name,
        case
            when event_name is null then 'event_name is empty'
            when property like '%"%' then 'property holds a quotation mark'
            else 'property and pattern go together, and one is empty'
        end as problem,
        'give an event_name, and a plain key with a pattern, or neither' as mend
    from event_catalog
    where
        event_name is null
        or property like '%"%'
        or (property is null) != (pattern is null)

),

unknown_metrics as (

    select
        'signals' as seed,
        signals.score_model || ', ' || signals.signal_id as row_name,
        'unknown metric ' || coalesce(signals.metric, '(empty)')
        || ' of level ' || coalesce(signals.level, '(empty)') as problem,
        'use a level and metric of seeds/metrics.csv' as mend
    from signals
    left join metrics
        on signals.level = metrics.level and signals.metric = metrics.metric
    where metrics.metric is null

),

repeated_signals as (

    select
        'signals' as seed,
        score_model || ', ' || signal_id as row_name,
        'signal_id stands ' || cast(count(*) as {{ dbt.type_string() }})
        || ' times' as problem,
        'give each signal of a score_model and level an id of its own' as mend
    from signals
    group by score_model, level, signal_id
    having count(*) > 1

),

empty_ranges as (

    select
        'signals' as seed,
        score_model || ', ' || signal_id as row_name,
        'min_value ' || cast(min_value as {{ dbt.type_string() }})
        || ' is not below max_value '
        || cast(max_value as {{ dbt.type_string() }}) as problem,
        'a signal fires from min_value up to, not including, max_value' as mend
    from signals
    where min_value >= max_value

),

empty_signals as (

    select
        'signals' as seed,
        coalesce(score_model, '(no score_model)') || ', '
        || coalesce(signal_id, '(no signal_id)') as row_name,
        'score_model, signal_id, category or points is empty' as problem,
        'fill the empty column' as mend
    from signals
    where
        score_model is null or signal_id is null or category is null or points is null

),

unknown_categories as (

    select
        'signals' as seed,
        score_model || ', ' || signal_id as row_name,
        'unknown category ' || category as problem,
        'use feature_usage, collaboration, velocity, intent, firmographic or negative'
            as mend
    from signals
    where
        category not in (
            'feature_usage',
            'collaboration',
            'velocity',
            'intent',
            'firmographic',
            'negative'
        )

),

missing_model as (

    select
        'signals' as seed,
        '{{ var("active_score_model") }}' as row_name,
        'the active score model has no signals' as problem,
        'add its rows, or set the variable active_score_model to a model that has some'
            as mend
    from signals
    having
        max(
            case
                when score_model = '{{ var("active_score_model") }}' then 1 else 0
            end
        ) = 0
        or count(*) = 0

),

unknown_icp as (

    select
        'icp' as seed,
        coalesce(attribute, '(empty)') || ', '
        || coalesce(value, '(empty)') as row_name,
        'unknown attribute or operator, or the value does not fit it' as problem,
        'attribute: industry, employee_count, country, funding_stage; '
        || 'operator: in (a|b|c), or between (low|high) for employee_count' as mend
    from icp
    where
        coalesce(attribute, '')
        not in ('industry', 'employee_count', 'country', 'funding_stage')
        or coalesce(operator, '') not in ('in', 'between')
        or value is null
        or (
            operator = 'between'
            and (
                attribute != 'employee_count'
                or not {{ matches_pattern('value', "'^[0-9]+[|][0-9]+$'") }}
            )
        )

),

unknown_overrides as (

    select
        'account_overrides' as seed,
        coalesce(match_type, '(empty)') || ', '
        || coalesce(match_value, '(empty)') as row_name,
        'unknown match_type, or match_value or account_id is empty' as problem,
        'match_type: user_id, email, domain or workspace_id' as mend
    from account_overrides
    where
        coalesce(match_type, '') not in ('user_id', 'email', 'domain', 'workspace_id')
        or match_value is null
        or account_id is null

),

repeated_overrides as (

    select
        'account_overrides' as seed,
        match_type || ', ' || match_value as row_name,
        'stands more than once with different account_ids' as problem,
        'keep one of the rows' as mend
    from account_overrides
    group by match_type, match_value
    having count(distinct account_id) > 1

),

repeated_aliases as (

    select
        'domain_aliases' as seed,
        alias_domain as row_name,
        'is an alias of more than one domain' as problem,
        'keep one of the rows' as mend
    from domain_aliases
    group by alias_domain
    having count(distinct domain) > 1

),

alias_paths{{ recursive_columns(
    ['first_domain', 'last_domain', 'path', 'steps']
) }} as (

    select
        alias_domain as first_domain,
        domain as last_domain,
        alias_domain || ' -> ' || domain as path,
        1 as steps
    from domain_aliases
    union all
    select
        alias_paths.first_domain,
        domain_aliases.domain as last_domain,
        alias_paths.path || ' -> ' || domain_aliases.domain as path,
        alias_paths.steps + 1 as steps
    from alias_paths
    inner join domain_aliases
        on alias_paths.last_domain = domain_aliases.alias_domain
    where
        alias_paths.steps <= 5
        and alias_paths.last_domain != alias_paths.first_domain

),

alias_cycles as (

    select
        'domain_aliases' as seed,
        first_domain as row_name,
        'the aliases go round in a circle: ' || path as problem,
        'remove one of the rows' as mend
    from alias_paths
    where last_domain = first_domain

),

-- Joined, not looked up: some engines cannot look up by a pattern.
paths_into_cycles as (

    select alias_paths.path
    from alias_paths
    cross join alias_cycles
    where alias_paths.path || ' ' like '% ' || alias_cycles.row_name || ' %'
    group by alias_paths.path

),

long_aliases as (

    select
        'domain_aliases' as seed,
        alias_paths.first_domain as row_name,
        'takes more than 5 steps: ' || alias_paths.path as problem,
        'point the alias straight at the last domain' as mend
    from alias_paths
    left join paths_into_cycles
        on alias_paths.path = paths_into_cycles.path
    where
        alias_paths.steps > 5
        and alias_paths.last_domain != alias_paths.first_domain
        and paths_into_cycles.path is null

),

named_domains as (

    select
        'internal_domains' as seed,
        domain
    from internal_domains
    union all
    select
        'personal_domains' as seed,
        domain
    from personal_domains
    union all
    select
        'domain_aliases' as seed,
        alias_domain as domain
    from domain_aliases
    union all
    select
        'domain_aliases' as seed,
        domain
    from domain_aliases
    union all
    select
        'account_overrides' as seed,
        match_value as domain
    from account_overrides
    where match_type = 'domain'

),

foreign_letters as (

    select
        seed,
        domain as row_name,
        'the domain has letters outside ASCII' as problem,
        'write its ASCII form, which begins with xn--' as mend
    from named_domains
    where {{ matches_pattern('domain', "'[^ -~]'") }}

),

missing_segments as (

    select
        'segments' as seed,
        'lowest' as row_name,
        'there is not exactly one segment that begins at 0 employees and 0 users'
            as problem,
        'restore the row' as mend
    from segments
    having
        sum(case when min_employees = 0 and min_users = 0 then 1 else 0 end) != 1

),

missing_grades as (

    select
        'pql_grades' as seed,
        'emerging, lowest' as row_name,
        'there is no grade named emerging, or none without a min_score' as problem,
        'restore the row' as mend
    from pql_grades
    having
        sum(case when grade = 'emerging' then 1 else 0 end) != 1
        or sum(case when min_score is null then 1 else 0 end) != 1

),

unknown_grade as (

    select
        'pql_grades' as seed,
        '{{ var("qualified_grade") }}' as row_name,
        'the grade that makes a lead is not there' as problem,
        'add its row, or set the variable qualified_grade to a grade that is there'
            as mend
    from pql_grades
    having
        count(case when grade = '{{ var("qualified_grade") }}' then 1 end) = 0

),

missing_tiers as (

    select
        'pqa_tiers' as seed,
        'lowest' as row_name,
        'there is not exactly one tier that takes every account' as problem,
        'restore the row without conditions' as mend
    from pqa_tiers
    having
        sum(
            case
                when
                    min_users is null
                    and min_departments is null
                    and min_score is null
                    and not coalesce(requires_icp, false)
                    then 1
                else 0
            end
        ) != 1

),

problems as (

    select * from unknown_behaviours
    union all
    select * from half_patterns
    union all
    select * from unknown_metrics
    union all
    select * from repeated_signals
    union all
    select * from empty_ranges
    union all
    select * from empty_signals
    union all
    select * from missing_model
    union all
    select * from unknown_categories
    union all
    select * from foreign_letters
    union all
    select * from missing_segments
    union all
    select * from unknown_icp
    union all
    select * from unknown_overrides
    union all
    select * from repeated_overrides
    union all
    select * from repeated_aliases
    union all
    select * from alias_cycles
    union all
    select * from long_aliases
    union all
    select * from missing_grades
    union all
    select * from unknown_grade
    union all
    select * from missing_tiers
    union all
    select * from seed_row_problems

),

seed_problems as (

    select
        seed,
        row_name,
        problem,
        mend
    from problems

)

select * from seed_problems
