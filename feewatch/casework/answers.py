"""What an institution may say of a matter, and what an office may answer to an objection."""

from feewatch.kernel.text import Text

#: What it says of a matter with its answer.
STANCES: dict[str, Text] = {
    "rectified": Text("已整改", "rectified"),
    "undertakes": Text("承诺整改", "undertakes to rectify"),
    "disputes": Text("有异议", "disputes it"),
}
#: What the office answers to 陈述申辩.
OUTCOMES: dict[str, Text] = {
    "upheld": Text("采纳", "upheld"),
    "partly": Text("部分采纳", "upheld in part"),
    "rejected": Text("不予采纳", "rejected"),
}
#: As long as one text may be.
MOST_LETTERS = 2000
