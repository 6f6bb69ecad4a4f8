"""The columns of the audit trail as a file."""

import json
from typing import Any

from feewatch.kernel.text import Text
from feewatch.web.lists import ListColumn


def _of(name: str) -> Any:
    return lambda row: row[name]


AUDIT = (
    ListColumn(Text("序号", "No."), _of("number"), "whole"),
    ListColumn(Text("时间", "At"), _of("at")),
    ListColumn(Text("经办人", "Who"), _of("actor")),
    ListColumn(Text("事项", "Act"), _of("action")),
    ListColumn(Text("对象", "Object"), _of("object")),
    ListColumn(Text("途径", "Way"), _of("way")),
    ListColumn(Text("来源", "From"), _of("origin")),
    ListColumn(Text("内容", "Detail"), lambda row: json.dumps(row["detail"], ensure_ascii=False)),
    ListColumn(Text("哈希", "Hash"), _of("hash")),
)
