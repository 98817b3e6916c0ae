{#- The hook of int_account_pasts that takes the accounts that are scored anew away from
    what the last build knew: a build that dies before it is through leaves nothing behind
    that does not hold. -#}
{% macro forget_changed_pasts() -%}
    {%- set scored_accounts = built_before('int_scored_accounts') -%}
    {%- if scored_accounts -%}
    delete from {{ scored_accounts }}
    where account_id not in (
        select account_id from {{ this }}
        where rewritten_from > first_on
    )
    {%- endif -%}
{%- endmacro %}
