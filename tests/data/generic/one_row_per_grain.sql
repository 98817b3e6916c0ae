{#- One row per combination of the columns, none of them null: one query for what
    unique and not_null would ask in many. `nullable` columns may be null. With
    `newest_by` only what a run adds is looked at, so that the test costs what the run
    does: the newest days where it is a column of the grain, else the rows that share
    their first column with the newest. -#}
{% test one_row_per_grain(model, columns, nullable=[], newest_by=none) %}

select
    {{ columns | join(', ') }},
    count(*) as copies
from {{ model }}
{% if newest_by in columns %}
where
    {{ newest_by }} >= (
        select {{ add_days('max(' ~ newest_by ~ ')', -var('late_arrival_days')) }}
        from {{ model }}
    )
{% elif newest_by %}
where
    {{ columns[0] }} in (
        select {{ columns[0] }} from {{ model }}
        where {{ newest_by }} = (select max({{ newest_by }}) from {{ model }})
    )
{% endif %}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {% for column in columns if column not in nullable %}
    or {{ column }} is null
    {% endfor %}

{% endtest %}
