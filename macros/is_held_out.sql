{#- Whether an account is in the control arm of an experiment, drawn by a hash that anyone
    can compute. -#}
{% macro is_held_out(experiment, account_id) -%}
    {{ hash_share('coalesce(' ~ experiment ~ ".salt, '') || ':' || " ~ account_id) }}
    < {{ experiment }}.holdout_share
{%- endmacro %}
