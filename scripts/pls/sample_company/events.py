"""Events, made in DuckDB day by day from the plans."""

from __future__ import annotations

import math
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb

from pls.sample_company import Progress
from pls.sample_company.habits import MIX_SLOTS, mix_rows
from pls.sample_company.plans import PLAN_MIXES, PLAN_PEOPLE, PLAN_STORY, plan_source
from pls.sample_company.tables import TableFile
from pls.sql import literal

# What may be wrong with an event: name -> (code, how many of 100,000 ordinary events).
FLAWS: Mapping[str, tuple[int, int]] = {
    "late": (1, 2000),
    "duplicate": (2, 1000),
    "orphan": (3, 200),
    "no_name": (4, 10),
    "no_time": (5, 10),
    "future": (6, 10),
    "ancient": (7, 10),
    "no_actor": (8, 10),
    "properties_broken": (9, 15),
    "properties_list": (10, 15),
    "no_id": (11, 10),
}
RESENT = 12
PAGE_VIEWS_ANONYMOUS_PERCENT = 30
WEEKEND_PACE = 0.2
VISITORS_PER_100_USERS = 12
DAYS_AT_ONCE = 3


def load_plans(
    con: duckdb.DuckDBPyConnection, work: Path, first_day: date, days: int, seed: int
) -> None:
    """Load the plans and add what every user does: visit, sign up, look, publish.

    Args:
        con: The connection; gets the tables people, mix_slots and planned.
        work: Folder with the plans.
        first_day: Day number 0.
        days: Number of days.
        seed: The seed.
    """
    con.execute(
        f"create table people as select * from {plan_source(work / 'plan_people.csv', PLAN_PEOPLE)}"
    )
    mixes = TableFile(work / "plan_mixes.csv", PLAN_MIXES)
    for row in mix_rows():
        mixes.add(*row)
    mixes.close()
    con.execute(f"create table mix_slots as select * from {plan_source(mixes.path, PLAN_MIXES)}")
    codes = ", ".join(f"({code})" for code, _ in FLAWS.values())
    con.execute(
        f"""
        create table planned as
        with
        everything as (
            select
                story.occurred_at, people.user_no,
                case when not story.is_anonymous then people.user_id end as user_id,
                people.anonymous_id, people.workspace_id, story.event_name, story.properties,
                0 as flaw
            from {plan_source(work / "plan_story.csv", PLAN_STORY)} as story
            inner join people on story.user_no = people.user_no
            union all
            select
                created_at, user_no, user_id, anonymous_id, workspace_id, 'signed_up', null, 0
            from people
            union all
            select
                created_at + interval 90 second, user_no, user_id, anonymous_id, workspace_id,
                'dashboard_viewed', '{{"dashboard_id": "welcome"}}', 0
            from people
            union all
            select
                created_at + to_seconds(activation_seconds // 2), user_no, user_id, anonymous_id,
                workspace_id, 'onboarding_step_completed', '{{"step": "connect_source"}}', 0
            from people
            where activation_seconds is not null
            union all
            select
                created_at + to_seconds(activation_seconds), user_no, user_id, anonymous_id,
                workspace_id, 'dashboard_published', '{{"dashboard_id": "first"}}', 0
            from people
            where activation_seconds is not null
            union all
            select
                created_at - to_minutes(cast(2 + hash(user_no, visit, {seed}) % 7000 as bigint)),
                user_no, null, anonymous_id, null, 'page_viewed',
                case
                    when hash(user_no, visit, {seed}, 1) % 100 < 12 then '{{"path": "/pricing"}}'
                    when hash(user_no, visit, {seed}, 1) % 100 < 60 then '{{"path": "/docs/start"}}'
                    else '{{"path": "/templates/sales-overview"}}'
                end, 0
            from people
            cross join range(4) as visits (visit)
            where visit < hash(user_no, {seed}) % 5
            union all
            select
                timestamp '{first_day}'
                    + to_seconds(cast(hash(visitor, {seed}) % {days * 86400} as bigint))
                    + to_minutes(cast(visit * 2 as bigint)),
                0, null, 'anon_visitor_' || lpad(cast(visitor as text), 7, '0'), null,
                'page_viewed',
                case
                    when visit = 2 then '{{"path": "/pricing"}}' else '{{"path": "/docs/start"}}'
                end,
                0
            from range((select count(*) * {VISITORS_PER_100_USERS} // 100 + 3 from people))
                as visitors (visitor)
            cross join range(3) as visits (visit)
            where visit <= hash(visitor, {seed}, 2) % 3
            union all
            select
                timestamp '{first_day + timedelta(days=days - 19)}'
                    + interval 10 hour + to_minutes(code),
                0, 'u_flawed_6', 'anon_flawed', 'ws_flawed_4', 'dashboard_viewed',
                '{{"dashboard_id": "flawed"}}', code
            from (values {codes}) as flaws (code)
        ),
        numbered as (
            select
                *,
                row_number() over (
                    order by
                        occurred_at, user_no, event_name, user_id, anonymous_id, properties, flaw
                ) as event_no
            from everything
            where occurred_at >= timestamp '{first_day}'
        ),
        with_resent as (
            select * from numbered
            union all
            -- A client that sent an event again a day later with a new clock: same id, other day.
            select * replace (
                occurred_at + interval 1 day as occurred_at, {RESENT} as flaw
            )
            from numbered
            where event_name = 'dashboard_viewed' and user_no % 60 = 1 and flaw = 0
        )
        select *, cast(date_diff('day', date '{first_day}', cast(occurred_at as date)) as integer)
            as day_no
        from with_resent
        where occurred_at < timestamp '{first_day + timedelta(days=days)}'
        order by day_no, event_no, flaw
        """
    )


def write_events(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    first_day: date,
    days: int,
    events: int,
    seed: int,
    on_progress: Progress,
) -> int:
    """Write one Parquet file a day, in the partition of the day on which the events happened.

    Args:
        con: The connection with the plans.
        folder: The folder of the events table.
        first_day: Day number 0.
        days: Number of days.
        events: Wanted number of events in all.
        seed: The seed.
        on_progress: Told about every tenth of the days.

    Returns:
        Rows written.

    Raises:
        duckdb.IOException: A file cannot be written.
    """
    scale = _events_per_active_day(con, first_day, days, events)

    def write_day(day: int) -> int:
        partition = folder / f"event_date={first_day + timedelta(days=day)}"
        partition.mkdir(parents=True)
        with con.cursor() as cursor:
            found = cursor.execute(
                f"copy ({_day_sql(first_day, days, day, scale, seed)}) "
                f"to {literal(partition / 'part-0.parquet')} (format parquet, compression zstd)"
            ).fetchone()
        return int(found[0]) if found else 0

    # A day is too small to keep all processors busy, so a few days are made side by side.
    written = 0
    with ThreadPoolExecutor(DAYS_AT_ONCE) as pool:
        for day, rows in enumerate(pool.map(write_day, range(days))):
            written += rows
            if (day + 1) * 10 // days > day * 10 // days:
                on_progress(f"events: day {day + 1} of {days}, {written:,} rows")
    return written


def _events_per_active_day(
    con: duckdb.DuckDBPyConnection, first_day: date, days: int, events: int
) -> float:
    """Find the number of events an average user makes on an active day.

    Args:
        con: The connection with the plans.
        first_day: Day number 0.
        days: Number of days.
        events: Wanted number of events in all.

    Returns:
        The factor for each user's volume; 0 when the planned events are already enough.
    """
    pace = [
        WEEKEND_PACE if (first_day + timedelta(days=d)).weekday() > 4 else 1.0 for d in range(days)
    ]
    so_far = [math.fsum(pace[:d]) for d in range(days + 1)]
    con.execute("create temp table pace_so_far (day_no integer, pace double)")
    con.executemany("insert into pace_so_far values (?, ?)", list(enumerate(so_far)))
    found = con.execute(
        """
        select
            sum(
                volume * (pace_first + pace_last) / 2
                * greatest(0, after_last.pace - before_first.pace)
            ),
            (select count(*) from planned)
        from people
        inner join pace_so_far as before_first
            on greatest(people.first_day, 0) = before_first.day_no
        inner join pace_so_far as after_last on people.last_day + 1 = after_last.day_no
        """
    ).fetchone()
    expected, planned = found if found else (0.0, 0)
    copies = 1 + FLAWS["duplicate"][1] / 100_000
    return max(0.0, events / copies - planned) / expected if expected else 0.0


def _flaw_sql() -> str:
    """Give the SQL that turns ``luck`` (0 to 99,999) into a flaw code."""
    whens, limit = [], 0
    for code, share in FLAWS.values():
        limit += share
        whens.append(f"when luck < {limit} then {code}")
    # The usual case first: the others are then looked at for few rows.
    return f"case when luck >= {limit} then 0 {' '.join(whens)} end"


def _day_sql(first_day: date, days: int, day: int, scale: float, seed: int) -> str:
    """Give the query for the events of one day, in a total order.

    Args:
        first_day: Day number 0.
        days: Number of days.
        day: Day number.
        scale: Events of an average user on an active day.
        seed: The seed.

    Returns:
        A select of the columns of the events table.
    """
    today = first_day + timedelta(days=day)
    pace = WEEKEND_PACE if today.weekday() > 4 else 1.0
    midnight_us = (today - date(1970, 1, 1)).days * 86_400_000_000
    # What has not been received six hours after the last day is not in the export.
    cut_off = datetime.combine(first_day + timedelta(days=days), time(6))
    code = {name: number for name, (number, _) in FLAWS.items()}
    return f"""
    with
    active as (
        select *, hash(user_no, {day}, {seed}) as h
        from people
        where
            first_day <= {day} and last_day >= {day}
            and hash(user_no, {day}, {seed}) % 10000 < 10000 * {pace} * (
                pace_first
                + (pace_last - pace_first) * ({day} - first_day) / greatest(last_day - first_day, 1)
            )
    ),
    ordinary as (
        select
            user_id, anonymous_id, workspace_id, mix, offset_hours, h,
            unnest(range(greatest(is_sure, cast(floor(
                volume * {scale!r} * (0.4 + 1.2 * (h // 10000 % 10000) / 10000)
                + (h // 100000000 % 10000) / 10000
            ) as bigint)))) as number
        from active
    ),
    hashed as (
        select *, hash(h, number) as e from ordinary
    ),
    -- One hash is cut into independent numbers: slot, luck, two for the hour, one for its kind.
    sliced as (
        select
            *, cast(e % 1000 as integer) as thousandth,
            cast(e // 1000 % 100000 as integer) as luck,
            cast(e // 100000000 % 10000 as integer) as first_draw,
            cast(e // 1000000000000 % 10000 as integer) as second_draw
        from hashed
    ),
    drawn as (
        select
            sliced.e, mix_slots.event_name, sliced.user_id, sliced.anonymous_id,
            sliced.workspace_id,
            case
                when mix_slots.tail is null then mix_slots.head
                else mix_slots.head || cast(sliced.second_draw % 997 as text) || mix_slots.tail
            end as properties,
            {_flaw_sql()} as flaw,
            {midnight_us} + 1000 * cast(sliced.thousandth as bigint) + 1000000 * cast((
                case
                    when sliced.thousandth % 12 = 0 then cast(sliced.first_draw * 8.64 as integer)
                    else 28800 + 9 * (sliced.first_draw + sliced.second_draw) // 5
                end - 3600 * sliced.offset_hours + 172800
            ) % 86400 as bigint) as at_us,
            sliced.luck % 5000 as delay_ms
        from sliced
        inner join mix_slots on sliced.mix * {MIX_SLOTS} + sliced.thousandth = mix_slots.slot
    ),
    told as (
        select
            hash(event_no, {seed}, 1) as e, event_name, user_id, anonymous_id, workspace_id,
            properties,
            case
                when flaw = 0 and hash(event_no, {seed}, 1) % 100 = 7 then {code["duplicate"]}
                else flaw
            end as flaw,
            epoch_us(occurred_at) as at_us, 0 as delay_ms
        from planned
        where day_no = {day}
    ),
    once as (
        select *, 0 as copy from drawn
        union all
        select *, 0 as copy from told
    ),
    rows_of_day as (
        select * from once
        union all
        select * replace (1 as copy) from once where flaw = {code["duplicate"]}
    ),
    flawed as (
        select
            case when flaw != {code["no_id"]} then 'evt_' || to_hex(e) end as event_id,
            case when flaw != {code["no_name"]} then event_name end as event_name,
            case
                when flaw = 0 then make_timestamp(at_us)
                when flaw = {code["no_time"]} then null
                when flaw = {code["future"]} then timestamp '2099-12-31 23:59:59'
                when flaw = {code["ancient"]} then timestamp '1998-05-17 03:00:00'
                else make_timestamp(at_us)
            end as occurred_at,
            make_timestamp(cast(
                at_us + 1000 * delay_ms
                + case
                    when flaw = 0 then 0
                    when flaw = {code["late"]} then 86400000000 + 1000000 * (e % 172800)
                    when flaw = {RESENT} then 60000000
                    else 0
                end
                + case when copy = 1 then 60000000 * (1 + e % 2000) else 0 end
            as bigint)) as received_at,
            case
                when flaw = {code["no_actor"]} then null
                when flaw = {code["orphan"]} then 'u_gone_' || cast(e % 50 as text)
                when
                    event_name = 'page_viewed' and user_id is not null and delay_ms > 0
                    and e // 1000000 % 100 < {PAGE_VIEWS_ANONYMOUS_PERCENT} then null
                else user_id
            end as user_id,
            case
                when flaw in ({code["no_actor"]}, {code["orphan"]})
                    or event_name in ('api_request_made', 'deploy_from_ci') then null
                else anonymous_id
            end as anonymous_id,
            case when event_name != 'page_viewed' then workspace_id end as workspace_id,
            case
                when flaw = 0 then properties
                when flaw = {code["properties_broken"]} then '{{"rows": '
                when flaw = {code["properties_list"]} then '[1, 2, 3]'
                else properties
            end as properties,
            at_us, e, copy, flaw
        from rows_of_day
    )
    select
        event_id, event_name, occurred_at, received_at, user_id, anonymous_id, workspace_id,
        properties
    from flawed
    where received_at < timestamp '{cut_off}'
    order by at_us, e, copy, flaw
    """
