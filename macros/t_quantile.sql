{#- How many standard errors the 95 % interval of a mean reaches to either side, where its
    spread is estimated as well: Student's t by the expansion 26.7.5 of Abramowitz and
    Stegun (1964), within 0.001 from four degrees of freedom on. Null where there are none. -#}
{% macro t_quantile(degrees) -%}
    {%- set z = normal_quantile() -%}
    {%- set degrees = 'nullif(cast(' ~ degrees ~ ' as ' ~ engine_type('double') ~ '), 0)' -%}
    {{ z }}
    + {{ (z ** 3 + z) / 4 }} / {{ degrees }}
    + {{ (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96 }} / power({{ degrees }}, 2)
    + {{ (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384 }} / power({{ degrees }}, 3)
    + {{ (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160 }}
    / power({{ degrees }}, 4)
{%- endmacro %}
