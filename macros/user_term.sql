{#- What a user adds to the account's score: as much as behaviour earned, or on request
    the whole score. -#}
{% macro user_term(score, behaviour_score) -%}
    {%- if var('pqa_user_term') == 'literal' -%}
    {{ score }}
    {%- else -%}
    case when {{ behaviour_score }} > 0 then {{ behaviour_score }} else 0 end
    {%- endif -%}
{%- endmacro %}
