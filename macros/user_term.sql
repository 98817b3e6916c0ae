{#- What a user adds to the account's score: as much as behaviour earned, or on request
    the whole score. -#}
{% macro user_term(relation) -%}
    {%- if var('pqa_user_term') == 'literal' -%}
    {{ relation }}.score
    {%- else -%}
    case when {{ relation }}.behaviour_score > 0 then {{ relation }}.behaviour_score else 0 end
    {%- endif -%}
{%- endmacro %}
