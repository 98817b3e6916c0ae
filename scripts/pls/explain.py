"""`pls explain`: a score, signal by signal, and what is done with the account, and why."""

from __future__ import annotations

from typing import Any

import duckdb

from pls import raw
from pls.console import clean, number, out, print_table, say
from pls.errors import InputError
from pls.paths import Store
from pls.published import Row, last_build, open_published, rows

USERS_SHOWN = 15
"""Users of an account that the terminal shows; `--json` gives all."""

TRIGGERS_SHOWN = 8
"""Triggers of an account that the terminal shows; `--json` gives all."""


def explain(
    store: Store, entity: str, score_model: str | None = None, level: str | None = None
) -> dict[str, Any]:
    """Take a score apart, and of an account tell what is done with it.

    Args:
        store: Where the marts are published.
        entity: An account_id, a user_id or an email address.
        score_model: The score model; None for the active one.
        level: account or user; None to find out.

    Returns:
        The entity, its score, its signals, and for an account its users, motion, guards,
        triggers and dossier.

    Raises:
        InputError: There is no such entity or model, or the text fits more than one.
    """
    with open_published(store) as connection:
        build = last_build(connection)
        model = _model(connection, score_model, str(build["active_score_model"]))
        level, entity_id = _find(connection, entity.strip(), level)
        facts = (
            _account(connection, entity_id, model)
            if level == "account"
            else _user(connection, entity_id, model)
        )
        return {
            "level": level,
            "entity_id": entity_id,
            "score_model": model,
            "as_of_date": build["as_of_date"],
            **facts,
            "signals": _signals(connection, level, entity_id, model),
        }


def print_explanation(facts: dict[str, Any]) -> None:
    """Print what `explain` found.

    Args:
        facts: What `explain` gives.
    """
    title = f"{facts['level']} {facts['entity_id']}"
    name = facts.get("company_name") or facts.get("email")
    if name and name != facts["entity_id"]:
        title += f" ({name})"
    say(clean(title))
    if facts["level"] == "account":
        _print_account(facts)
    else:
        _print_user(facts)
    signals = facts["signals"]
    if not signals:
        say(f"no {facts['level']} signal fired")
    else:
        print_table(
            [
                ("points", {"justify": "right", "no_wrap": True}),
                ("signal", {"no_wrap": True, "max_width": 24}),
                ("evidence", {"ratio": 1}),
                ("first", {"no_wrap": True}),
                ("last", {"no_wrap": True}),
                ("counted", {"no_wrap": True}),
            ],
            [
                (
                    f"{s['points']:+g}",
                    s["signal_id"],
                    s["evidence"],
                    _day(s["first_event_at"]),
                    _day(s["last_event_at"]),
                    "yes" if s["is_counted"] else "no (ladder)",
                )
                for s in signals
            ],
        )
    if facts["level"] == "account":
        _print_users(facts["users"])
        _print_routing(facts)


def _print_routing(facts: dict[str, Any]) -> None:
    """Tell what is done with an account: motion, guards, triggers, dossier."""
    routing, dossier = facts["routing"], facts["dossier"]
    if routing is None:
        say("not routed: it is our own")
        return
    say()
    lines = [
        (
            "motion",
            f"{routing['motion']} ({routing['play']}), value {routing['value_axis']}, "
            f"engagement {routing['engagement_axis']}",
        ),
        ("why", f"{routing['reason']} (by {routing['decided_by']})"),
    ]
    if routing["is_sales_motion"] or routing["owner_id"]:
        parts = [
            f"{routing['owner_id'] or 'nobody'}, {routing['status']}",
            f"place {routing['queue_position']}" if routing["queue_position"] else "",
            f"priority {routing['priority']}" if routing["priority"] else "",
            f"due {routing['due_by']}" if routing["due_by"] else "",
        ]
        lines.append(("owner", ", ".join(part for part in parts if part)))
    lines += [("guard", f"{guard['guard']}: {guard['evidence']}") for guard in facts["guards"]]
    print_table(
        [("routing", {"no_wrap": True}), ("", {"ratio": 1})],
        [(name, clean(text)) for name, text in lines],
    )
    if facts["triggers"]:
        print_table(
            [
                ("day", {"no_wrap": True}),
                ("priority", {"no_wrap": True}),
                ("trigger", {"no_wrap": True, "max_width": 28}),
                ("evidence", {"ratio": 1}),
            ],
            [
                (
                    each["triggered_on"],
                    each["priority"],
                    each["trigger"],
                    _with_person(each),
                )
                for each in facts["triggers"][:TRIGGERS_SHOWN]
            ],
        )
        if len(facts["triggers"]) > TRIGGERS_SHOWN:
            say(f"and {len(facts['triggers']) - TRIGGERS_SHOWN:,} earlier; --json lists all")
    if dossier is not None:
        _print_dossier(dossier)


def _with_person(trigger: Row) -> str:
    """Write what a trigger rests on, and whose it is unless it is the whole account's."""
    who = trigger["email"] or trigger["user_id"]
    return f"{who}: {trigger['evidence']}" if who else str(trigger["evidence"])


def _print_dossier(dossier: Row) -> None:
    unknown = "unknown"
    company = [
        dossier["industry"] or "industry unknown",
        f"{number(dossier['employee_count'])} employees"
        if dossier["employee_count"] is not None
        else "size unknown",
        dossier["country"] or "country unknown",
        dossier["funding_stage"] or "",
    ]
    lines = [
        ("company", ", ".join(part for part in company if part)),
        (
            "usage",
            f"{dossier['users']} users, {dossier['active_users_30d']} active in 30 days, "
            f"{dossier['active_users_7d']} in 7; {dossier['features_30d']} features, "
            f"{dossier['integrations_connected']} integrations; {dossier['usage_trend']} "
            f"({', '.join(number(dossier[f'usage_events_w{week}']) for week in (3, 2, 1, 0))} "
            "events in the last four weeks)",
        ),
        (
            "onboarding",
            f"{number((dossier['onboarding_share'] or 0) * 100)} % "
            f"({dossier['onboarding_done'] or 'nothing'} done), "
            f"activated {dossier['activated_on'] or 'never'}, "
            f"signed up {dossier['first_seen_on']}",
        ),
        (
            "people",
            f"contact {dossier['contact_email'] or dossier['contact_user_id'] or 'nobody'}"
            f"{_persona(dossier)}, champion {dossier['champion'] or 'none'}, "
            f"buyer {dossier['buyer'] or 'none'}, executives {dossier['executives'] or 0}",
        ),
        (
            "plan",
            f"{dossier['plan'] or unknown}, next {dossier['next_plan'] or unknown}; worth "
            f"{number(dossier['estimated_acv_usd'])} USD a year, "
            f"{number(dossier['expansion_value_usd'])} more than now",
        ),
        (
            "limits",
            f"{number(dossier['limit_used_share'] * 100)} % of {dossier['limit_meter']}"
            if dossier["limit_used_share"] is not None
            else "",
        ),
        ("wanted", dossier["features_wanted"]),
        ("missing", dossier["missing_fields"]),
        ("approach", dossier["recommended_approach"]),
        ("opening", dossier["opening_line"]),
    ]
    print_table(
        [("dossier", {"no_wrap": True}), ("", {"ratio": 1})],
        [(name, clean(text)) for name, text in lines if text],
    )


def _persona(dossier: Row) -> str:
    return f" ({dossier['contact_persona']})" if dossier["contact_persona"] else ""


def _print_account(facts: dict[str, Any]) -> None:
    parts = [facts["domain"], facts["segment"], f"mapped by rule {facts['account_rule']}"]
    say(clean(" · ".join(str(part) for part in parts if part)))
    score = facts["score"]
    if score is None:
        say(clean(f"not scored {_as_of(facts)}"))
        return
    say(
        clean(
            f"score {number(score)} = {number(facts['user_score'])} of users "
            f"+ {number(facts['account_signal_score'])} of account signals "
            f"+ {number(facts['fit_score'])} of fit"
        )
    )
    say(clean(f"tier {facts['tier']} {facts['tier_name']} · {_as_of(facts)}"))


def _print_user(facts: dict[str, Any]) -> None:
    parts = [facts["job_title"], facts["persona"], f"account {facts['account_id']}"]
    say(clean(" · ".join(str(part) for part in parts if part)))
    if facts["score"] is None:
        say(clean(f"not scored {_as_of(facts)}"))
        return
    line = (
        f"score {number(facts['score'])}, of which behaviour {number(facts['behaviour_score'])}"
        f" · grade {facts['grade']}"
    )
    if facts["grade_cap_reason"]:
        line += f", capped: {facts['grade_cap_reason']}"
    say(clean(line))
    say(clean(_as_of(facts)))


def _print_users(users: list[Row]) -> None:
    if not users:
        return
    print_table(
        [
            ("score", {"justify": "right"}),
            ("behaviour", {"justify": "right"}),
            ("grade", {"no_wrap": True}),
            ("persona", {"no_wrap": True}),
            ("user", {"no_wrap": True, "max_width": 20}),
            ("email", {"no_wrap": True, "max_width": 36}),
        ],
        [
            (
                number(user["score"]),
                number(user["behaviour_score"]),
                f"{user['grade']} (capped)" if user["grade_cap_reason"] else user["grade"],
                user["persona"],
                user["user_id"],
                user["email"],
            )
            for user in users[:USERS_SHOWN]
        ],
    )
    if len(users) > USERS_SHOWN:
        out().print(f"and {len(users) - USERS_SHOWN:,} more; --json lists all")


def _as_of(facts: dict[str, Any]) -> str:
    return f"as of {facts['as_of_date']}, score model {facts['score_model']}"


def _day(moment: Any) -> str:
    return "" if moment is None else str(moment)[:10]


def _model(connection: duckdb.DuckDBPyConnection, wanted: str | None, active: str) -> str:
    if wanted is None or wanted == active:
        return active
    known = [
        str(row["score_model"])
        for row in rows(
            connection, "select distinct score_model from marts.pqa_scores order by score_model"
        )
    ]
    if wanted not in known:
        raise InputError(
            f"there is no score model {wanted!r}",
            "--score-model",
            f"choose {', '.join(known) or active}",
        )
    return wanted


def _find(connection: duckdb.DuckDBPyConnection, entity: str, level: str | None) -> tuple[str, str]:
    found = [
        (str(row["level"]), str(row["entity_id"]))
        for row in rows(
            connection,
            "select 'account' as level, account_id as entity_id from marts.accounts "
            "where account_id in ($1, lower($1), $2, 'internal:' || lower($1)) union all "
            "select 'user', user_id from marts.users where user_id = $1 union all "
            "select 'user', user_id from marts.users where email = lower($1) and user_id != $1 "
            "order by 1, 2",
            [entity, raw.ascii_host(entity.lower()) or entity],
        )
    ]
    if level is not None:
        others = [kind for kind, _ in found if kind != level]
        found = [match for match in found if match[0] == level]
        if others and not found:
            raise InputError(
                f"{entity!r} is of level {others[0]}",
                "--level",
                f"leave it out, or say {others[0]}",
            )
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(f"{kind} {entity_id}" for kind, entity_id in found[:5])
        raise InputError(
            f"{entity!r} fits more than one: {names}",
            "explain",
            "give the id, and --level if need be",
        )
    near = _near(connection, entity)
    raise InputError(
        f"there is no account, user or email {entity!r}",
        "explain",
        f"did you mean {', '.join(near)}?" if near else "look into the mart accounts for ids",
    )


def _near(connection: duckdb.DuckDBPyConnection, entity: str) -> list[str]:
    """Find ids, addresses and names that look alike; DuckDB compares, so that many are fast."""
    return [
        str(row["name"])
        for row in rows(
            connection,
            "with names as ("
            "select account_id as name, lower(account_id) as key from marts.accounts union "
            "select account_id, lower(company_name) from marts.accounts union "
            "select user_id, lower(user_id) from marts.users union "
            "select email, email from marts.users where email is not null) "
            "select name, max(jaro_winkler_similarity(key, lower($1))) as likeness from names "
            "where key is not null group by name having likeness >= 0.85 "
            "order by likeness desc, name limit 3",
            [entity],
        )
    ]


def _account(connection: duckdb.DuckDBPyConnection, account_id: str, model: str) -> dict[str, Any]:
    row = rows(
        connection,
        "select accounts.company_name, accounts.domain, accounts.segment, accounts.account_rule, "
        "accounts.recommended_contact, pqa_scores.score, pqa_scores.user_score, "
        "pqa_scores.account_signal_score, pqa_scores.fit_score, pqa_scores.engagement_score, "
        "pqa_scores.tier, pqa_scores.tier_name, pqa_scores.active_users_30d "
        "from marts.accounts left join marts.pqa_scores "
        "on accounts.account_id = pqa_scores.account_id and pqa_scores.score_model = $2 "
        "where accounts.account_id = $1",
        [account_id, model],
    )[0]
    row["users"] = rows(
        connection,
        "select users.user_id, users.email, users.job_title, users.persona, "
        "pql_scores.score, pql_scores.behaviour_score, pql_scores.grade, "
        "pql_scores.grade_cap_reason "
        "from marts.users left join marts.pql_scores "
        "on users.user_id = pql_scores.user_id and pql_scores.score_model = $2 "
        "where users.account_id = $1 "
        "order by pql_scores.behaviour_score desc nulls last, users.user_id",
        [account_id, model],
    )
    row.update(_routing(connection, account_id))
    return row


def _routing(connection: duckdb.DuckDBPyConnection, account_id: str) -> dict[str, Any]:
    """Read what is done with an account, and why; nothing for one of our own."""
    routing = rows(connection, "from marts.account_routing where account_id = ?", [account_id])
    return {
        "routing": routing[0] if routing else None,
        "guards": rows(
            connection,
            "select guard, evidence from marts.account_guards where account_id = ? order by guard",
            [account_id],
        ),
        "triggers": rows(
            connection,
            "select trigger, priority, triggered_on, triggers.user_id, users.email, evidence "
            "from marts.sales_triggers as triggers "
            "left join marts.users on triggers.user_id = users.user_id "
            "where triggers.account_id = ? "
            "order by triggered_on desc, priority, trigger, triggers.user_id",
            [account_id],
        ),
        "dossier": next(
            iter(
                rows(connection, "from marts.account_dossiers where account_id = ?", [account_id])
            ),
            None,
        ),
    }


def _user(connection: duckdb.DuckDBPyConnection, user_id: str, model: str) -> dict[str, Any]:
    return rows(
        connection,
        "select users.email, users.job_title, users.department, users.persona, users.account_id, "
        "pql_scores.score, pql_scores.behaviour_score, pql_scores.grade, "
        "pql_scores.grade_cap_reason "
        "from marts.users left join marts.pql_scores "
        "on users.user_id = pql_scores.user_id and pql_scores.score_model = $2 "
        "where users.user_id = $1",
        [user_id, model],
    )[0]


def _signals(
    connection: duckdb.DuckDBPyConnection, level: str, entity_id: str, model: str
) -> list[Row]:
    return rows(
        connection,
        "select signal_id, category, metric, metric_value, threshold, points, is_counted, "
        "first_event_at, last_event_at, evidence from marts.score_breakdown "
        "where level = $1 and entity_id = $2 and score_model = $3 "
        "order by is_counted desc, points desc, signal_id",
        [level, entity_id, model],
    )
