"""`pls report`: the published marts as pages that open without a server."""

MARKER = ".pls-report"
"""The file by which a folder is known as a site that may be replaced."""
