{#- A raw column in its contracted type: trimmed, cast, and null where it cannot be
    used. The argument is a column of the raw contract. -#}
{% macro contract_value(column) -%}
    {%- set meta = column.config.meta -%}
    {%- set text = clean_text(column.name) -%}
    {%- if meta.format in ('email', 'domain') -%}
        case
            when {{ matches_pattern('lower(' ~ text ~ ')', format_pattern(meta.format)) }}
                then lower({{ text }})
        end
    {%- elif meta.format == 'json_object' -%}
        case when {{ is_json_object(text) }} then {{ text }} end
    {%- elif column.data_type == 'text' -%}
        {{ text }}
    {%- else -%}
        {%- set value = cast_or_null(column.name, column.data_type) -%}
        {%- set limits = [] -%}
        {%- if meta.minimum is defined -%}
            {%- do limits.append(value ~ ' >= ' ~ meta.minimum) -%}
        {%- endif -%}
        {%- if meta.maximum is defined -%}
            {%- do limits.append(value ~ ' <= ' ~ meta.maximum) -%}
        {%- endif -%}
        {%- if column.data_type in ('timestamp', 'date') -%}
            {%- do limits.append(value ~ " >= cast('2000-01-01' as " ~ column.data_type ~ ')') -%}
            {%- if not meta.may_be_future -%}
                {%- do limits.append(value ~ ' <= ' ~ latest_moment()) -%}
            {%- endif -%}
        {%- endif -%}
        {%- if limits -%}
            case when {{ limits | join(' and ') }} then {{ value }} end
        {%- else -%}
            {{ value }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
