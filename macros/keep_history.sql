{#- The hook of a history that removes the rows that this build gives anew, those of days
    before the first that is kept, and those of accounts whose past has changed. A history
    that is itself made anew needs every account to restart: it must not be alone in that. -#}
{% macro keep_history(day, compared_on=none) -%}
    {%- set pasts = ref('int_account_pasts') -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where
        {{ compared_on or day }} < (select min(first_on) from {{ pasts }})
        -- The first day rewritten is compared with nothing: what changed on it stays.
        or {{ day }} {{ '>' if compared_on else '>=' }} (
            select max(rewritten_from) from {{ pasts }}
        )
        or account_id not in (
            select account_id from {{ pasts }}
            where rewritten_from > first_on
        )
    {%- elif execute and run_query(
        'select count(*) from ' ~ pasts ~ ' where rewritten_from > first_on'
    ).columns[0].values()[0] | int > 0 -%}
        {{ exceptions.raise_compiler_error(
            this.identifier ~ ': the scores of the days before are not at hand to make it anew; '
            ~ 'build the whole project with --full-refresh'
        ) }}
    {%- endif -%}
{%- endmacro %}
