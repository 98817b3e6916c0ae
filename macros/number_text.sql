{#- A number as a person writes it: whole numbers without a point, others with as many
    decimals as asked for at most, or with all they have. -#}
{% macro number_text(value, decimals=1) -%}
    {%- set shown = value if decimals is none else rounded(value, decimals) -%}
    case
        when {{ shown }} = {{ rounded(value, 0) }}
            then cast(
                cast({{ rounded(value, 0) }} as {{ dbt.type_bigint() }}) as {{ dbt.type_string() }}
            )
        else cast({{ shown }} as {{ dbt.type_string() }})
    end
{%- endmacro %}
