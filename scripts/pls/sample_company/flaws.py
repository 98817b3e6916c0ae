"""Bad rows in the small tables: a few of each kind that the rules for bad rows speak of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from pls.sample_company.plans import Writer


def write_flawed_rows(writer: Writer) -> None:
    """Write the bad rows; the same ones whatever the seed.

    Args:
        writer: Where to.
    """
    rng = Random(0)
    now = writer.at(writer.last - 20, rng)
    old, future = datetime(1998, 5, 17, 3, 0), datetime(2099, 1, 1)
    before, after = now - timedelta(days=30), now + timedelta(days=3)
    rows: Mapping[str, Sequence[Sequence[object]]] = {
        "users": (
            (None, "nobody@northpier.com", now, "No Id", None, None, None, None, False),
            ("u_flawed_1", "a@northpier.com", None, "No Date", None, None, None, None, False),
            ("u_flawed_2", "b@northpier.com", future, "Tomorrow", None, None, None, None, None),
            ("u_flawed_3", "c@northpier.com", old, "Before", None, None, None, None, None),
            ("u_flawed_4", "not an address", now, "Bad Mail", "Analyst", "Data", None, "US", False),
            ("u_flawed_5", "x@localhost", now, "No Dot", "Analyst", None, None, "US", False),
            ("u_flawed_6", "  Kim@NorthPier.com ", before, "Old", None, None, None, "US", False),
            ("u_flawed_6", "kim@northpier.com", now, "New Copy", "CTO", None, None, "US", False),
            ("u_flawed_7", "k@co.uk", now, "On A Public Suffix", None, None, None, "GB", False),
        ),
        "workspaces": (
            (None, "No id", now, "u_0000001"),
            ("ws_flawed_1", "Bad date", "the day after", "u_0000001"),
            ("ws_flawed_2", "Tomorrow", future, "u_0000001"),
            ("ws_flawed_3", "Old", old, "u_0000001"),
            ("ws_flawed_4", "Twice", before, "u_flawed_6"),
            ("ws_flawed_4", "Twice, newer", now, "u_flawed_6"),
            ("ws_flawed_5", "Owner is unknown", now, "u_nobody"),
        ),
        "companies": (
            (None, "No domain", "software", 100, "US", "seed", None, 0, None),
            ("not a domain", "Bad domain", "software", 100, "US", "seed", None, 0, None),
            ("co.uk", "A public suffix", "software", 100, "GB", "seed", None, 0, None),
            ("negativestaff.com", "Negative", "media", -5, "US", "seed", None, 0, None),
            ("manystaff.com", "Many", "media", "many", "US", "seed", None, 0, None),
            ("baddate.com", "Bad date", "media", 40, "US", "seed", "last spring", 0, None),
            ("twicestaff.com", "Twice", "media", 40, "US", "seed", None, 0, None),
            ("twicestaff.com", "Twice", "media", 40, "US", "seed", None, 0, None),
        ),
        "subscriptions": (
            (None, "ws_flawed_4", None, None, "team", 3, 45.0, now, None),
            ("sub_flawed_1", "ws_flawed_4", None, None, None, 3, 45.0, now, None),
            ("sub_flawed_2", "ws_flawed_4", None, None, "team", "ten", 45.0, now, None),
            ("sub_flawed_3", "ws_flawed_4", None, None, "team", 3, -45.0, now, None),
            ("sub_flawed_4", "ws_flawed_4", None, None, "team", 3, 45.0, now, before),
            ("sub_flawed_5", "ws_flawed_4", None, None, "team", 3, 45.0, "soon", None),
            ("sub_flawed_6", "ws_flawed_4", None, None, "team", 3, 45.0, future, None),
            ("sub_flawed_7", "ws_flawed_4", None, None, "team", 3, 45.0, old, None),
            ("sub_flawed_8", "ws_flawed_4", None, None, "free", 3, 0.0, before, now),
            ("sub_flawed_8", "ws_flawed_4", None, None, "free", 3, 0.0, before, now),
        ),
        "crm_accounts": (
            (None, "No id", "northpier.com", "rep_01", "NA", now),
            ("crm_flawed_1", "Bad domain", "n/a", "rep_01", "NA", now),
            ("crm_flawed_2", "Bad date", "northpier.com", "rep_01", "NA", "31/02/2026"),
            ("crm_flaw", "Twice", "twicestaff.com", "rep_01", "NA", before),
            ("crm_flaw", "Twice", "twicestaff.com", "rep_02", "NA", now),
            ("crm_flawed_4", "Tomorrow", "twicestaff.com", "rep_02", "NA", future),
        ),
        "crm_opportunities": (
            (None, "crm_flaw", None, now, None, None, None, 900.0, "pql", "new", "evaluation"),
            ("opp_flaw_1", "crm_flaw", None, None, None, None, None, 1.0, "pql", "new", None),
            ("opp_flaw_2", "crm_flaw", None, now, None, None, None, -9.0, "pql", "new", None),
            ("opp_flaw_3", "crm_flaw", None, now, None, before, False, 9.0, "mql", "new", None),
            ("opp_flaw_4", "crm_flaw", None, now, None, None, "maybe", "a lot", "pql", "new", None),
            ("opp_flaw_5", "crm_flaw", None, now, now, after, False, 9.0, "mql", "new", "lost"),
            ("opp_flaw_5", "crm_flaw", None, now, now, after, False, 9.0, "mql", "new", "lost"),
            ("opp_flaw_6", "crm_nobody", None, future, None, None, None, 9.0, "pql", "new", None),
        ),
        "crm_activities": (
            (None, "crm_flaw", None, None, "email", "outbound", now, "rep_01", "replied"),
            ("act_flaw_1", "crm_flaw", None, None, None, "outbound", now, "rep_01", None),
            ("act_flaw_2", "crm_flaw", None, None, "email", None, now, "rep_01", None),
            ("act_flaw_3", "crm_flaw", None, None, "email", "outbound", "noon", "rep_01", None),
            ("act_flaw_4", "crm_flaw", None, "no mail", "email", "outbound", now, "rep_01", None),
            ("act_flaw_5", "crm_flaw", None, None, "call", "outbound", future, "rep_01", None),
            ("act_flaw_6", "crm_flaw", None, None, "call", "outbound", now, "rep_01", "replied"),
            ("act_flaw_6", "crm_flaw", None, None, "call", "outbound", now, "rep_01", "replied"),
        ),
        "crm_leads": (
            (None, "kim@northpier.com", now, "ebook", None, None, None),
            ("lead_flawed_1", None, now, "ebook", None, None, None),
            ("lead_flawed_2", "kim at northpier", now, "ebook", None, None, None),
            ("lead_flawed_3", "kim@northpier.com", "yesterday", "ebook", None, None, None),
            ("lead_flawed_4", "kim@northpier.com", now, "ebook", "not yet", None, None),
            ("lead_flawed_5", "kim@northpier.com", before, "ebook", None, None, None),
            ("lead_flawed_5", "kim@northpier.com", now, "webinar", None, None, None),
        ),
        "support_tickets": (
            (None, "u_flawed_6", now, "billing"),
            ("ticket_flawed_1", "u_flawed_6", None, "billing"),
            ("ticket_flawed_2", "u_nobody", now, "enterprise"),
            ("ticket_flawed_3", "u_flawed_6", future, "billing"),
            ("ticket_flawed_4", "u_flawed_6", old, "billing"),
            ("ticket_flawed_5", "u_flawed_6", now, "technical"),
            ("ticket_flawed_5", "u_flawed_6", now, "technical"),
        ),
        "nps_responses": (
            (None, "u_flawed_6", now, 7),
            ("nps_flawed_1", None, now, 7),
            ("nps_flawed_2", "u_flawed_6", now, 11),
            ("nps_flawed_3", "u_flawed_6", now, -1),
            ("nps_flawed_4", "u_flawed_6", now, "ten"),
            ("nps_flawed_5", "u_flawed_6", "2026-13-45", 7),
            ("nps_flawed_6", "u_nobody", now, 9),
            ("nps_flawed_7", "u_flawed_6", now, 8),
            ("nps_flawed_7", "u_flawed_6", now, 8),
        ),
        "deal_feedback": (
            (None, now, "limit reached", None, None, None),
            ("opp_flaw_5", after, "'); drop table users; --", "price 📈", None, "line\nbreak"),
            ("opp_flaw_5", after, "'); drop table users; --", "price 📈", None, "line\nbreak"),
            ("opp_flaw_6", None, "no date", None, None, None),
            ("opp_flaw_7", "someday", "bad date", None, None, None),
            ("opp_flaw_8", future, "tomorrow", None, None, None),
        ),
    }  # fmt: skip
    for name, flawed in rows.items():
        for row in flawed:
            writer.tables[name].add(*row)
