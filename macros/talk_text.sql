{#- A sentence of talk_tracks.csv with the account's own numbers put in. Reads the columns
    that the names in braces stand for, and n and percent_text of the signal. The company
    comes last: what its name holds in braces is no name of ours. -#}
{% macro talk_text(sentence) -%}
    {%- set values = {
        '{users}': number_text('users'),
        '{active_users}': number_text('active_users_30d'),
        '{features}': number_text('features_30d'),
        '{integrations}': number_text('integrations_connected'),
        '{plan}': "coalesce(plan, 'no plan')",
        '{next_plan}': "coalesce(next_plan, 'next')",
        '{n}': 'n',
        '{percent}': 'percent_text',
        '{times}': "case n when '1' then 'once' when '2' then 'twice' else n || ' times' end",
        '{company}': 'company_name',
    } -%}
    {{- filled_text(sentence, values) -}}
{%- endmacro %}
