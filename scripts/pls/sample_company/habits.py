"""What people do on an ordinary day: weights of events per kind of user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

# name -> (event name, properties with # for a number, or None)
ORDINARY_EVENTS: Mapping[str, tuple[str, str | None]] = {
    "view": ("dashboard_viewed", '{"dashboard_id": "d#"}'),
    "chart": ("chart_created", '{"chart_type": "line", "dashboard_id": "d#"}'),
    "query": ("query_run", '{"rows_returned": #}'),
    "comment": ("comment_added", '{"length": #}'),
    "comment_hostile": (
        "comment_added",
        '{"text": "\'); drop table users; -- \\"quoted\\" 📊\\nnext line", "length": #}',
    ),
    "alert": ("alert_created", '{"threshold": #}'),
    "export": ("data_exported", '{"format": "csv", "rows": #}'),
    "share_team": ("dashboard_shared", '{"audience": "team", "dashboard_id": "d#"}'),
    "share_out": ("dashboard_shared", '{"audience": "external_link", "dashboard_id": "d#"}'),
    "api": ("api_request_made", '{"endpoint": "/v1/query", "ms": #}'),
    "ci": ("deploy_from_ci", '{"run": #}'),
    "metric": ("metric_defined", '{"metric_id": "m#"}'),
    "forecast": ("forecast_run", '{"horizon_days": #}'),
    "report": ("report_scheduled", '{"recipients": #}'),
    "embed": ("embed_rendered", '{"dashboard_id": "d#"}'),
    "policy": ("access_policy_edited", '{"policy_id": "p#"}'),
    "setting": ("workspace_settings_changed", '{"setting": "time_zone"}'),
    "role": ("member_role_changed", '{"role": "editor"}'),
    "docs": ("page_viewed", '{"path": "/docs/guide-#"}'),
    "template": ("page_viewed", '{"path": "/templates/#"}'),
    "theme": ("theme_changed", '{"theme": "dark"}'),
    "shortcut": ("keyboard_shortcut_used", None),
}
MIXES: Mapping[str, Mapping[str, int]] = {
    "viewer": {"view": 70, "comment": 10, "export": 3, "share_team": 3, "docs": 8, "shortcut": 2},
    "builder": {
        "view": 40, "chart": 18, "query": 14, "comment": 6, "comment_hostile": 1, "alert": 3,
        "export": 4, "share_team": 3, "share_out": 1, "docs": 7, "template": 3, "theme": 1,
    },
    "engineer": {"view": 18, "query": 30, "api": 28, "chart": 8, "alert": 3, "docs": 11},
    "admin": {"view": 45, "setting": 5, "role": 5, "query": 10, "comment": 8, "docs": 10},
    "hobbyist": {"view": 55, "chart": 20, "query": 12, "docs": 10, "template": 5},
    "premium_viewer": {"view": 66, "comment": 9, "report": 6, "docs": 8, "forecast": 3},
    "premium_builder": {
        "view": 33, "chart": 15, "query": 10, "metric": 7, "forecast": 6, "report": 6,
        "comment": 5, "export": 4, "share_team": 3, "share_out": 2, "docs": 7,
    },
    "premium_engineer": {
        "view": 15, "query": 22, "api": 24, "ci": 9, "embed": 9, "metric": 6, "chart": 5, "docs": 9,
    },
    "premium_admin": {
        "view": 38, "setting": 6, "role": 5, "policy": 6, "report": 7, "query": 9, "docs": 9,
        "forecast": 5,
    },
}  # fmt: skip
MIX_NUMBERS = {name: number for number, name in enumerate(MIXES)}
MIX_SLOTS = 1000


def mix_rows() -> Iterator[tuple[int, str, str | None, str | None]]:
    """Spread the events of every mix over its slots, in proportion to their weights.

    Yields:
        Slot (mix number times `MIX_SLOTS`, plus the slot in the mix), event name, and its
        properties before and after the number in them; None where there is nothing.
    """
    for mix, weights in MIXES.items():
        total, done, filled = sum(weights.values()), 0, 0
        for key, weight in weights.items():
            done += weight
            name, properties = ORDINARY_EVENTS[key]
            head, mark, tail = (properties or "").partition("#")
            while filled < round(done * MIX_SLOTS / total):
                slot = MIX_NUMBERS[mix] * MIX_SLOTS + filled
                yield slot, name, head if properties else None, tail if mark else None
                filled += 1
