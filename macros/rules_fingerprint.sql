{#- A text that stands for how scores are made: the models that make them, the seeds these
    read, the macros of the project and the variables that count. Another text means that
    no score that was stored holds any more. -#}
{% macro rules_fingerprint() -%}
    {%- set parts = [
        var('active_score_model') | string, var('pqa_user_term') | string,
    ] -%}
    {%- set seeds = [] -%}
    {%- set nodes = graph.nodes.values() | list if execute else [] -%}
    {%- for node in nodes if node.resource_type == 'model'
        and ('signals' in node.fqn or 'scoring' in node.fqn) -%}
        {%- do parts.append(node.name ~ node.checksum.checksum) -%}
        {%- do seeds.extend(node.depends_on.nodes) -%}
    {%- endfor -%}
    {%- for node in nodes if node.resource_type == 'seed'
        and node.unique_id in seeds -%}
        {%- do parts.append(node.name ~ node.checksum.checksum) -%}
    {%- endfor -%}
    {%- for name, macro in context[project_name].items() if execute -%}
        {%- do parts.append(name ~ macro.macro.macro_sql) -%}
    {%- endfor -%}
    {{ return(local_md5(parts | sort | join('|'))) }}
{%- endmacro %}
