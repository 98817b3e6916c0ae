{#- The endings and words that agree with a number, by their names in braces, for
    filled_text: `{s}`, `{ies}`, `{people}` and `{are}`; with the name of the number
    before them where a sentence has several, such as `{users:s}`. Each costs a call around
    the sentence, and engines limit how deep these may go: name those that are wanted. -#}
{% macro agreeing_words(is_one, of=none, names=('s', 'ies', 'people', 'are')) -%}
    {%- set words = {} -%}
    {%- for name, (one, many) in {
        's': ('', 's'),
        'ies': ('y', 'ies'),
        'people': ('person', 'people'),
        'are': ('is', 'are'),
    }.items() if name in names -%}
        {%- do words.update({
            '{' ~ (of ~ ':' if of else '') ~ name ~ '}':
                'case when ' ~ is_one ~ " then '" ~ one ~ "' else '" ~ many ~ "' end"
        }) -%}
    {%- endfor -%}
    {{ return(words) }}
{%- endmacro %}
