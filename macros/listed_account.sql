{#- An account_id that somebody wrote into a seed: domains are in lower case, other ids as
    they are. -#}
{% macro listed_account(account_id) -%}
    case
        when {{ account_id }} like '%:%' then {{ account_id }} else lower({{ account_id }})
    end
{%- endmacro %}
