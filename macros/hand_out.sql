{#- A query that hands out accounts one after the other: each turn goes to the rep that may
    have it and has the most room, told by the share of it that is taken; of equals to the
    first by rep_id. Rows with is_chosen = 1 say who got what. It is the recursive CTE whose
    name is given; the offers have a row for every turn and rep. -#}
{% macro hand_out(offers, cte_name) -%}
    {{ return(adapter.dispatch('hand_out', 'pls')(offers, cte_name)) }}
{%- endmacro %}

{% macro default__hand_out(offers, cte_name) -%}
    select
        cast(0 as {{ dbt.type_bigint() }}) as turn,
        cast(null as {{ dbt.type_string() }}) as account_id,
        rep_id,
        0 as assigned,
        0 as is_chosen
    from {{ offers }}
    where turn = 1
    union all
    select
        turn,
        account_id,
        rep_id,
        assigned + is_chosen as assigned,
        is_chosen
    from (
        select
            turns.turn,
            turns.account_id,
            turns.rep_id,
            turns.assigned,
            case
                when turns.is_free = 1 and row_number() over (
                    partition by turns.turn
                    order by
                        turns.is_free desc,
                        {{ ratio('turns.assigned', 'turns.weekly_capacity') }},
                        turns.rep_id
                ) = 1
                    then 1
                else 0
            end as is_chosen
        from (
            select
                {{ offers }}.turn,
                {{ offers }}.account_id,
                {{ offers }}.rep_id,
                {{ offers }}.weekly_capacity,
                {{ cte_name }}.assigned,
                case
                    when
                        {{ offers }}.covers = 1
                        and {{ cte_name }}.assigned < {{ offers }}.weekly_capacity
                        then 1
                    else 0
                end as is_free
            from {{ cte_name }}
            inner join {{ offers }}
                on
                    {{ cte_name }}.turn + 1 = {{ offers }}.turn
                    and {{ cte_name }}.rep_id = {{ offers }}.rep_id
        ) as turns
    ) as choices
{%- endmacro %}

{#- A recursion may hold no window here; a list of all turns is folded instead. The state is
    how many each rep has, by place in the list of reps, and who was chosen so far. -#}
{% macro spark__hand_out(offers, cte_name) -%}
    select
        cast(0 as bigint) as turn,
        choice.account_id,
        choice.rep_id,
        0 as assigned,
        1 as is_chosen
    from (
        select
            aggregate(
                turns,
                named_struct(
                    'loads', transform(turns[0].reps, rep -> 0),
                    'choices', filter(
                        transform(turns, offer -> named_struct(
                            'account_id', offer.account_id,
                            'rep_id', offer.reps[0].rep_id
                        )),
                        choice -> false
                    )
                ),
                (state, offer) -> transform(
                    array(array_min(filter(
                        transform(
                            offer.reps,
                            (rep, place) -> case
                                when
                                    rep.covers = 1
                                    and state.loads[place] < rep.weekly_capacity
                                    then named_struct(
                                        'share', state.loads[place] / rep.weekly_capacity,
                                        'place', place
                                    )
                            end
                        ),
                        choice -> choice is not null
                    )).place),
                    chosen -> named_struct(
                        'loads', transform(
                            state.loads,
                            (load, place) -> case
                                when place = chosen then load + 1 else load
                            end
                        ),
                        'choices', case
                            when chosen is null then state.choices
                            else concat(
                                state.choices,
                                array(named_struct(
                                    'account_id', offer.account_id,
                                    'rep_id', offer.reps[chosen].rep_id
                                ))
                            )
                        end
                    )
                )[0],
                state -> state.choices
            ) as choices
        from (
            select
                sort_array(collect_list(named_struct(
                    'turn', turn, 'account_id', account_id, 'reps', reps
                ))) as turns
            from (
                select
                    turn,
                    account_id,
                    sort_array(collect_list(named_struct(
                        'rep_id', rep_id,
                        'weekly_capacity', weekly_capacity,
                        'covers', covers
                    ))) as reps
                from {{ offers }}
                group by turn, account_id
            ) as turn_offers
        ) as all_turns
        where size(turns) > 0
    ) as folded
    lateral view explode(choices) as choice
{%- endmacro %}
