{#- How many standard errors a 95 % interval reaches to either side. -#}
{% macro normal_quantile() -%}
    {{ return(1.959963984540054) }}
{%- endmacro %}
