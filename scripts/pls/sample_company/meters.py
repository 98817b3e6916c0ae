"""Usage meters of the workspaces, made in DuckDB."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb

from pls.sample_company.plans import PLAN_WORKSPACES, plan_source
from pls.sql import literal


def write_usage_meters(
    con: duckdb.DuckDBPyConnection, work: Path, folder: Path, first_day: date, days: int, seed: int
) -> int:
    """Write the meters: weekly first, daily in the last 30 days, as a flat folder of two files.

    Args:
        con: The connection.
        work: Folder with the plans.
        folder: The folder of the usage_meters table.
        first_day: Day number 0.
        days: Number of days.
        seed: The seed.

    Returns:
        Rows written.

    Raises:
        duckdb.IOException: A file cannot be written.
    """
    folder.mkdir()
    last = days - 1
    plan = plan_source(work / "plan_workspaces.csv", PLAN_WORKSPACES)
    query = f"""
        with measured as (
            select
                workspace_id, meter, cast(date '{first_day}' + cast(day_no as integer) as date)
                    as measured_on,
                users, utilisation, is_paid, day_no,
                0.35 + 0.65 * (day_no - first_day) / greatest({last} - first_day, 1)
                    - 0.02 * (hash(workspace_no, day_no, meter, {seed}) % 100) / 100 as growth
            from {plan}
            cross join range({days}) as calendar (day_no)
            cross join (values ('seats'), ('storage'), ('api_calls')) as meters (meter)
            where
                day_no >= first_day
                and (day_no > {last} - 30 or ({last} - day_no) % 7 = 0)
        )
        select
            workspace_id, meter, measured_on,
            cast(case meter
                when 'seats' then ceil(users * least(growth, 1))
                when 'storage' then round(50 * utilisation * growth, 2)
                else round(10000 * utilisation * 0.7 * growth)
            end as double) as used_quantity,
            cast(case
                when meter = 'seats' then users * 2 + 5
                when meter = 'storage' then 50
                when not is_paid then 10000
            end as double) as limit_quantity
        from measured
    """
    # Parquet has types, so no value of this table can be text in place of a number.
    flawed = f"""
        values
            (null, 'seats', date '{first_day}', 1.0, 5.0),
            ('ws_flawed_4', null, date '{first_day}', 1.0, 5.0),
            ('ws_flawed_4', 'seats', null, 1.0, 5.0),
            ('ws_flawed_4', 'seats', date '{first_day}', null, 5.0),
            ('ws_flawed_4', 'seats', date '{first_day}', -3.0, 5.0),
            ('ws_flawed_4', 'seats', date '2099-01-01', 1.0, 5.0),
            ('ws_flawed_4', 'seats', date '1998-05-17', 1.0, 5.0),
            ('ws_flawed_4', 'storage', date '{first_day}', 2.0, 5.0),
            ('ws_flawed_4', 'storage', date '{first_day}', 2.0, 5.0)
    """
    cut = f"date '{first_day + timedelta(days=last - 30)}'"
    parts = (
        f"select * from ({query}) where measured_on <= {cut}",
        f"select * from ({query}) where measured_on > {cut} union all ({flawed})",
    )
    written = 0
    for number, part in enumerate(parts):
        found = con.execute(
            f"copy (select * from ({part}) order by all) "
            f"to {literal(folder / f'part-{number}.parquet')} (format parquet, compression zstd)"
        ).fetchone()
        written += int(found[0]) if found else 0
    return written
