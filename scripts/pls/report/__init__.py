"""`pls report`: the published marts as pages that open without a server."""

from pls.report.site import Options, write_report

__all__ = ["Options", "write_report"]
