{#- Raises the error of a variable that is not what it must be. -#}
{% macro variable_error(name, wanted) -%}
    {{ exceptions.raise_compiler_error(
        'var ' ~ name ~ ': ' ~ var(name) ~ ' is not ' ~ wanted ~ '; give such a value'
    ) }}
{%- endmacro %}
