{#- Raises an error for the first variable of dbt_project.yml that cannot mean anything. -#}
{% macro check_variables() -%}
    {#- The least whole number that each may be. -#}
    {%- set whole_numbers = {
        'late_arrival_days': 0, 'score_history_days': 1, 'engagement_active_users': 0,
        'exit_streak_days': 1, 'min_account_age_days': 0, 'reply_days': 0,
        'back_off_days': 0, 'just_paid_days': 0, 'calibration_accounts': 1,
        'calibration_min_accounts': 1, 'calibration_min_conversions': 1,
        'qualified_tier': 1, 'weekly_pql_capacity': 1,
    } -%}
    {%- set numbers = [
        'sales_assist_acv_usd', 'expected_seat_share', 'engagement_threshold',
        'exit_margin', 'min_pql_precision',
    ] -%}
    {%- set segments = ['smb', 'mid_market', 'enterprise'] -%}
    {%- set user_terms = ['positive_behaviour', 'literal'] -%}
    {%- set matches = modules.re.fullmatch -%}
    {%- for name, least in whole_numbers.items() -%}
        {%- set value = var(name) | string -%}
        {%- if not matches('[0-9]+', value) or value | int < least -%}
            {{ variable_error(name, 'a whole number from ' ~ least ~ ' on') }}
        {%- endif -%}
    {%- endfor -%}
    {%- for name in numbers -%}
        {%- if not matches('[0-9]+([.][0-9]+)?', var(name) | string) -%}
            {{ variable_error(name, 'a number from 0 on') }}
        {%- endif -%}
    {%- endfor -%}
    {%- set high = var('high_value_segments') -%}
    {%- if high is string or high is not iterable or high | reject('in', segments) | list -%}
        {{ variable_error('high_value_segments', 'a list of ' ~ segments | join(', ')) }}
    {%- endif -%}
    {%- if var('pqa_user_term') not in user_terms -%}
        {{ variable_error('pqa_user_term', user_terms | join(' or ')) }}
    {%- endif -%}
    {#- They stand in SQL as literals; whether the seeds have such rows is told there. -#}
    {%- for name in ['active_score_model', 'qualified_grade'] -%}
        {%- if not matches("[^'\\\\]+", var(name) | string) -%}
            {{ variable_error(name, 'a name without apostrophe and backslash') }}
        {%- endif -%}
    {%- endfor -%}
    {%- if not matches(
        '([0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?Z?)?)?',
        var('build_clock') | string
    ) -%}
        {{ variable_error('build_clock', 'a UTC timestamp (YYYY-MM-DD HH:MM:SS), or empty') }}
    {%- endif -%}
{%- endmacro %}
