{#- The hook of int_account_pasts that takes the days that are not kept any more away from
    what the last build knew, for the same reason as forget_changed_pasts. -#}
{% macro forget_days_before() -%}
    {%- set scored_accounts = built_before('int_scored_accounts') -%}
    {%- if scored_accounts -%}
    update {{ scored_accounts }}
    set first_on = (select min(first_on) from {{ this }})
    where first_on < (select min(first_on) from {{ this }})
    {%- endif -%}
{%- endmacro %}
