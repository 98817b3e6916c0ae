{#- A bound of the 95 % interval of a share, after Wilson (1927): the lower with '-', the
    upper with '+'. `n` are the independent cases, which may be fewer than those that the
    share is of. Null where there is none. -#}
{% macro wilson_bound(share, n, sign) -%}
    {%- set z = normal_quantile() -%}
    {#- Of a decimal over a whole number some engines keep few digits. -#}
    {%- set n = 'cast(' ~ n ~ ' as ' ~ engine_type('double') ~ ')' -%}
    {#- At the ends it is exact, where roots would leave crumbs. -#}
    case when {{ share }} = {{ '0' if sign == '-' else '1' }} then {{ share }} else (

        {{ share }} + {{ z * z / 2 }} / nullif({{ n }}, 0)
        {{ sign }} {{ z }} * power(
            {{ share }} * (1 - {{ share }}) / nullif({{ n }}, 0)
            + {{ z * z / 4 }} / power(nullif({{ n }}, 0), 2),
            0.5
        )
    ) / (1 + {{ z * z }} / nullif({{ n }}, 0)) end
{%- endmacro %}
