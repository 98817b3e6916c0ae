{#- Days after a look within which an entity may convert: what calibration labels. -#}
{% macro label_days() -%}
    {{ return([30, 60, 90]) }}
{%- endmacro %}
