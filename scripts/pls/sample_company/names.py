"""Names of people, companies, places and jobs to draw from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# Companies that stand in the seeds or that show an awkward domain.
NAMED_DOMAINS: Mapping[str, Sequence[str]] = {
    "enterprise_ready": ("lumenharbor.com", "thamesledger.co.uk"),
    "mid_market_growing": ("müller-daten.de",),
    "smb_team": ("harborlight-data.github.io", "kiteworkshop.com.au"),
}
MAIL_HOSTS: Mapping[str, Sequence[str]] = {
    "lumenharbor.com": ("lumenharbor.com", "lumenharbor.com", "lumenharbor.io", "lumenharbor.com"),
    "thamesledger.co.uk": ("thamesledger.co.uk", "eu.mail.thamesledger.co.uk"),
    "müller-daten.de": ("müller-daten.de", "xn--mller-daten-thb.de"),
}
ICP_INDUSTRIES = ("software", "fintech", "healthcare", "e-commerce", "logistics", "insurance")
OTHER_INDUSTRIES = (
    "agriculture",
    "construction",
    "education",
    "government",
    "hospitality",
    "media",
)
COUNTRIES = ("US", "US", "US", "US", "GB", "DE", "FR", "NL", "SE", "CA", "AU", "IN", "JP", "BR")
UTC_OFFSET_HOURS = {
    "US": -6,
    "CA": -5,
    "BR": -3,
    "GB": 0,
    "DE": 1,
    "FR": 1,
    "NL": 1,
    "SE": 1,
    "IN": 5,
    "JP": 9,
    "AU": 10,
}
TOP_LEVEL = (".com", ".com", ".com", ".io", ".co.uk", ".de", ".dev", ".ai", ".fr", ".com.br")
FREE_MAIL = (
    "gmail.com",
    "gmail.com",
    "gmail.com",
    "outlook.com",
    "yahoo.com",
    "proton.me",
    "hey.com",
)
DISPOSABLE_MAIL = ("mailinator.com", "yopmail.com", "guerrillamail.com")
SIGNUP_SOURCES = ("organic", "organic", "invite", "paid_search", "referral", "content", "partner")
FUNDING_STAGES = ("bootstrapped", "seed", "series_a", "series_b", "series_c", "public")
ADJECTIVES = (
    "amber", "brisk", "calm", "cedar", "clear", "copper", "coral", "crisp", "dawn", "delta",
    "ember", "fern", "flint", "frost", "gentle", "golden", "granite", "harbor", "hazel", "indigo",
    "iron", "ivory", "jade", "keen", "laurel", "linen", "lunar", "maple", "misty", "north",
    "olive", "onyx", "opal", "pine", "quiet", "river", "rowan", "silver", "solar", "tidal",
)  # fmt: skip
NOUNS = (
    "anchor", "arbor", "basin", "beacon", "bridge", "brook", "canyon", "castle", "circuit", "cliff",
    "compass", "cove", "crane", "dune", "falcon", "field", "forge", "garden", "grove", "heron",
    "island", "kiln", "lantern", "ledger", "loom", "meadow", "mill", "orbit", "orchard", "otter",
    "parcel", "pier", "prairie", "quarry", "ridge", "signal", "sparrow", "summit", "trail",
    "valley",
)  # fmt: skip
FIRST_NAMES = (
    "Ada", "Amir", "Ana", "Ben", "Chloe", "Dana", "Diego", "Elif", "Emma", "Femi", "Grace", "Hana",
    "Ivan", "Jana", "Jonas", "Kofi", "Lea", "Liam", "Lucia", "Mei", "Milan", "Nadia", "Noah",
    "Olga", "Omar", "Priya", "Quinn", "Rosa", "Sam", "Sofia", "Tariq", "Tom", "Uma", "Vera",
    "Wei", "Yuki", "Zoe",
)  # fmt: skip
LAST_NAMES = (
    "Adler", "Almeida", "Andersson", "Baker", "Bauer", "Chen", "Costa", "Dubois", "Evans",
    "Fischer", "Garcia", "Haddad", "Ito", "Jansen", "Kaya", "Khan", "Kowalski", "Larsen", "Lopez",
    "Martin", "Mensah", "Moreau", "Nakamura", "Novak", "Okafor", "Patel", "Quist", "Rossi",
    "Santos", "Schmidt", "Silva", "Smith", "Tanaka", "Vogel", "Wang", "Weber", "Young",
)  # fmt: skip
HOSTILE_NAMES = (
    "Robert'); drop table users; --",
    'Anna "the chart" Bell',
    "Lin 🚀📊 Zhao",
    "Two\nLines",
    "Comma, Semi; Colon: Pipe|",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "Zoë Ñandú-Łukasz",
)

# (title, department as the user typed it, event mix); the first ones sign up first.
LEADING_JOBS = (
    ("Head of Data", "Data", "builder"),
    ("Senior Data Engineer", "Engineering", "engineer"),
    ("Product Manager", "product", "builder"),
    ("VP of Operations", "Operations", "viewer"),
    ("IT Administrator", "IT", "admin"),
    ("CFO", "Finance", "viewer"),
)
JOBS = (
    ("Data Analyst", "Data", "builder"),
    ("Analytics Engineer", "Data", "engineer"),
    ("Software Engineer", "Engineering", "engineer"),
    ("Engineering Manager", "Engineering", "builder"),
    ("Product Designer", "Design", "viewer"),
    ("Product Manager", "Product", "builder"),
    ("Marketing Manager", "Marketing", "viewer"),
    ("Growth Marketer", "marketing", "builder"),
    ("Account Executive", "Sales", "viewer"),
    ("Director of Finance", "Finance", "viewer"),
    ("Operations Coordinator", "Operations", "viewer"),
    ("Customer Success Manager", "Support", "viewer"),
    ("IT Manager", "IT", "admin"),
    ("Security Engineer", "Security", "viewer"),
    ("CTO", "Engineering", "viewer"),
    ("People Partner", "People", "viewer"),
)
