{#- One row per combination of the columns, none of them null: one query for what
    unique and not_null would ask in many. `nullable` columns may be null. -#}
{% test one_row_per_grain(model, columns, nullable=[]) %}

select
    {{ columns | join(', ') }},
    count(*) as copies
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {% for column in columns if column not in nullable %}
    or {{ column }} is null
    {% endfor %}

{% endtest %}
