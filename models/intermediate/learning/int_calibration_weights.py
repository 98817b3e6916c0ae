"""One row per level and signal_id: what its points would be if the past had set them.

Looks go in and rows come out; what is done with them is pls.calibration.
"""

from pls.calibration import OUTPUT, Rules, calibrate_relations
from pls.sql import make_table


def model(dbt, session):
    """Give the relation, as dbt asks of a Python model."""
    settings = dbt.config.get("meta")
    rows = calibrate_relations(
        dbt.ref("calibration_examples"),
        dbt.ref("signals"),
        label=f"is_converted_{settings['conversion_days']}d",
        score_model=settings["active_score_model"],
        rules=Rules(
            min_conversions=int(settings["min_conversions"]),
            min_accounts=int(settings["min_accounts"]),
        ),
    )
    make_table(session, "fitted_weights", OUTPUT, rows, temporary=True)
    return session.table("fitted_weights")
