"""Run sqlfluff with a garbage collector that rests: three quarters of the time, same findings.

It keeps every word of a file as objects that the collector walks over again and again. Its
worker processes import this file, so theirs rests, too.
"""

import gc

from sqlfluff.cli.commands import cli

from pls.dbt_run import GARBAGE_THRESHOLDS

gc.set_threshold(*GARBAGE_THRESHOLDS)

if __name__ == "__main__":
    cli()
