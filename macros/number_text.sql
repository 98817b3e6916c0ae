{#- A number as a person writes it: whole numbers without a point, others with as many
    decimals as asked for at most. -#}
{% macro number_text(value, decimals=1) -%}
    case
        when {{ rounded(value, decimals) }} = {{ rounded(value, 0) }}
            then cast(
                cast({{ rounded(value, 0) }} as {{ dbt.type_bigint() }}) as {{ dbt.type_string() }}
            )
        else cast({{ rounded(value, decimals) }} as {{ dbt.type_string() }})
    end
{%- endmacro %}
