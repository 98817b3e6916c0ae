{#- The hooks of int_account_pasts that take away from what the last build knew the
    accounts that are scored anew, and the days that are not kept any more: a build that
    dies before it is through leaves nothing behind that does not hold. -#}
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

{% macro forget_days_before() -%}
    {%- set scored_accounts = built_before('int_scored_accounts') -%}
    {%- if scored_accounts -%}
    update {{ scored_accounts }}
    set first_on = (select min(first_on) from {{ this }})
    where first_on < (select min(first_on) from {{ this }})
    {%- endif -%}
{%- endmacro %}
