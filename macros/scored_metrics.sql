{#- The metrics of a level that signals read, of one score model or of any: no other gives
    points. Asks the seed while the query is written; all metrics of the level in unit
    tests, where the seed is not loaded, and where no signal reads any. -#}
{% macro scored_metrics(level, score_model=none) -%}
    {%- set metrics = counted_metrics(level) + computed_metrics(level) -%}
    {#- Said while parsing, too, so that the seed is loaded first. -#}
    {%- set seed = ref('signals') if not execute or model.resource_type == 'model' -%}
    {%- set signals = load_relation(seed) if execute and seed -%}
    {%- if not signals -%}
        {{ return(metrics) }}
    {%- endif -%}
    {%- set read = run_query(
        "select distinct metric from " ~ signals ~ " where level = '" ~ level ~ "'"
        ~ (" and score_model = '" ~ score_model ~ "'" if score_model else "")
    ).columns[0].values() -%}
    {%- set scored = [] -%}
    {%- for metric in metrics if metric in read -%}
        {%- do scored.append(metric) -%}
    {%- endfor -%}
    {{ return(scored or metrics) }}
{%- endmacro %}
