-- One row per host that a raw table or the list of competitors names, with its
-- registrable and canonical domain.
with recursive

hosts as (

    select {{ dbt.split_part('email', "'@'", 2) }} as host
    from {{ ref('stg_users') }}
    union all
    select {{ dbt.split_part('email', "'@'", 2) }} as host
    from {{ ref('stg_crm_leads') }}
    union all
    select domain as host from {{ ref('stg_companies') }}
    union all
    select parent_domain as host from {{ ref('stg_companies') }}
    union all
    select domain as host from {{ ref('stg_subscriptions') }}
    union all
    select domain as host from {{ ref('stg_crm_accounts') }}
    union all
    select domain as host from {{ ref('stg_crm_opportunities') }}
    union all
    select domain as host from {{ ref('stg_crm_activities') }}
    union all
    select lower(domain) as host from {{ ref('competitor_domains') }}

),

idn_domains as (

    select * from {{ ref('stg_idn_domains') }}

),

public_suffixes as (

    select * from {{ ref('stg_public_suffixes') }}

),

listed_domains as (

    select * from {{ ref('stg_personal_domains') }}

),

personal_domains as (

    select * from {{ ref('personal_domains') }}

),

internal_domains as (

    select * from {{ ref('internal_domains') }}

),

domain_aliases as (

    select
        min(lower(domain)) as domain,
        lower(alias_domain) as alias_domain
    from {{ ref('domain_aliases') }}
    group by lower(alias_domain)

),

ascii_hosts as (

    select
        hosts.host,
        coalesce(idn_domains.ascii_host, hosts.host) as ascii_host
    from hosts
    left join idn_domains
        on hosts.host = idn_domains.host
    where hosts.host is not null
    group by hosts.host, coalesce(idn_domains.ascii_host, hosts.host)

),

distinct_hosts as (

    select ascii_host
    from ascii_hosts
    -- Neither an empty label nor an address of numbers, in brackets or not, is under a
    -- public suffix, and no suffix ends in anything but a letter or a digit.
    where
        ascii_host not like '.%'
        and ascii_host not like '%..%'
        and not {{ matches_pattern('ascii_host', "'([.][0-9]+|[^a-z0-9])$'") }}
    group by ascii_host

),

-- eu.mail.acme.co.uk, mail.acme.co.uk, acme.co.uk, co.uk, uk
host_endings{{ recursive_columns(['ascii_host', 'ending', 'longer_ending']) }} as (

    {{ dotted_endings('distinct_hosts', 'ascii_host', 'host_endings') }}

),

-- An exception names the ending after its first label, a wildcard rule any one label
-- before its own, which implies its own.
exception_suffixes as (

    select
        host_endings.ascii_host,
        substring(
            host_endings.ending, {{ dbt.position("'.'", 'host_endings.ending') }} + 1
        ) as public_suffix,
        1 as rule_rank
    from host_endings
    inner join public_suffixes
        on host_endings.ending = public_suffixes.suffix
    where public_suffixes.rule_type = 'exception'

),

normal_suffixes as (

    select
        host_endings.ascii_host,
        host_endings.ending as public_suffix,
        2 as rule_rank
    from host_endings
    inner join public_suffixes
        on host_endings.ending = public_suffixes.suffix
    where public_suffixes.rule_type in ('normal', 'wildcard')

),

wildcard_suffixes as (

    select
        host_endings.ascii_host,
        host_endings.longer_ending as public_suffix,
        2 as rule_rank
    from host_endings
    inner join public_suffixes
        on host_endings.ending = public_suffixes.suffix
    where
        public_suffixes.rule_type = 'wildcard'
        and host_endings.longer_ending is not null

),

-- A top-level domain the list does not know is a public suffix all the same.
unlisted_suffixes as (

    select
        ascii_host,
        ending as public_suffix,
        3 as rule_rank
    from host_endings
    where {{ dbt.position("'.'", 'ending') }} = 0

),

all_suffixes as (

    select * from exception_suffixes
    union all
    select * from normal_suffixes
    union all
    select * from wildcard_suffixes
    union all
    select * from unlisted_suffixes

),

ranked_suffixes as (

    select
        ascii_host,
        public_suffix,
        row_number() over (
            partition by ascii_host
            order by rule_rank, length(public_suffix) desc, public_suffix
        ) as suffix_rank
    from all_suffixes

),

-- The registrable domain is the public suffix with one more label.
registrable_domains as (

    select
        ranked_suffixes.ascii_host,
        ranked_suffixes.public_suffix,
        host_endings.longer_ending as registrable_domain
    from ranked_suffixes
    inner join host_endings
        on
            ranked_suffixes.ascii_host = host_endings.ascii_host
            and ranked_suffixes.public_suffix = host_endings.ending
    where ranked_suffixes.suffix_rank = 1

),

-- Aliases are followed five steps at most; a cycle is reported in seed_problems.
alias_steps{{ recursive_columns(['alias_domain', 'domain', 'step']) }} as (

    select
        alias_domain,
        domain,
        1 as step
    from domain_aliases
    union all
    select
        alias_steps.alias_domain,
        domain_aliases.domain,
        alias_steps.step + 1 as step
    from alias_steps
    inner join domain_aliases
        on alias_steps.domain = domain_aliases.alias_domain
    where alias_steps.step < 5

),

last_alias_steps as (

    select
        alias_domain,
        max(step) as step
    from alias_steps
    group by alias_domain

),

canonical_domains as (

    select
        alias_steps.alias_domain,
        alias_steps.domain as canonical_domain
    from alias_steps
    inner join last_alias_steps
        on
            alias_steps.alias_domain = last_alias_steps.alias_domain
            and alias_steps.step = last_alias_steps.step

),

-- The company's own list wins over the public ones, both ways.
known_personal_domains as (

    select listed_domains.domain
    from listed_domains
    left join personal_domains
        on listed_domains.domain = lower(personal_domains.domain)
    where coalesce(personal_domains.is_personal, true)
    union all
    select lower(domain) as domain
    from personal_domains
    where is_personal

),

-- Joined, not looked up row by row, which some engines cannot do by a pattern.
personal_hosts as (

    select ascii_hosts.ascii_host
    from ascii_hosts
    inner join known_personal_domains
        on ascii_hosts.ascii_host = known_personal_domains.domain
    union all
    select registrable_domains.ascii_host
    from registrable_domains
    inner join known_personal_domains
        on registrable_domains.registrable_domain = known_personal_domains.domain

),

internal_hosts as (

    select ascii_hosts.ascii_host
    from ascii_hosts
    left join registrable_domains
        on ascii_hosts.ascii_host = registrable_domains.ascii_host
    cross join internal_domains
    where
        lower(internal_domains.domain) = ascii_hosts.ascii_host
        or lower(internal_domains.domain) = registrable_domains.registrable_domain
        or (
            internal_domains.domain like '*.%'
            and ascii_hosts.ascii_host
            like '%' || substring(lower(internal_domains.domain), 2)
        )

),

listed_hosts as (

    select
        ascii_host,
        max(is_personal) as is_personal,
        max(is_internal) as is_internal
    from (
        select
            ascii_host,
            1 as is_personal,
            0 as is_internal
        from personal_hosts
        union all
        select
            ascii_host,
            0 as is_personal,
            1 as is_internal
        from internal_hosts
    ) as marked_hosts
    group by ascii_host

),

domains as (

    select
        ascii_hosts.host,
        ascii_hosts.ascii_host,
        registrable_domains.public_suffix,
        registrable_domains.registrable_domain,
        coalesce(
            canonical_domains.canonical_domain, registrable_domains.registrable_domain
        ) as canonical_domain,
        coalesce(listed_hosts.is_personal = 1, false) as is_personal,
        coalesce(listed_hosts.is_internal = 1, false) as is_internal
    from ascii_hosts
    left join registrable_domains
        on ascii_hosts.ascii_host = registrable_domains.ascii_host
    left join canonical_domains
        on registrable_domains.registrable_domain = canonical_domains.alias_domain
    left join listed_hosts
        on ascii_hosts.ascii_host = listed_hosts.ascii_host

)

select * from domains
