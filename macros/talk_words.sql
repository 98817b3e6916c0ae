{#- A sentence of talk_tracks.csv with the words put in that agree with its numbers, before
    talk_text puts in these: both at once would be calls too deep for some engines. -#}
{% macro talk_words(sentence) -%}
    {%- set values = agreeing_words("n = '1'") -%}
    {%- for name, column, words in [
        ('users', 'users', ['s']),
        ('active_users', 'active_users_30d', ['s', 'people', 'are']),
        ('features', 'features_30d', ['s']),
        ('integrations', 'integrations_connected', ['s']),
    ] -%}
        {%- do values.update(agreeing_words(column ~ ' = 1', name, words)) -%}
    {%- endfor -%}
    {{- filled_text(sentence, values) -}}
{%- endmacro %}
