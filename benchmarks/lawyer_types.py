"""Recall and precision of the rules for the lawyers' types on contracts labelled by hand: ``python benchmarks/lawyer_types.py CUAD_FILE --json F``.

CUAD_FILE is a file in CUAD's layout (gzip or plain JSON lines) that holds the contracts named in ``lawyer_types_labels.json``. Counts are by
contract: found where any rule of the type fires. The rules were not written from these contracts' answers, but other contracts of the same
set were read while they were written. Two look-alikes seen here ("Avenue" for a venue, "voting interest" for late interest) were then excluded, so
precision flatters a little; recall does not.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from dsapp.finance.categories import LAWYER
from dsapp.finance.clause_rules.engine import fires, other_rules
from dsapp.finance.clause_rules.tables import wilson
from dsapp.finance.evaluation.labelled import contracts

LABELS = Path(__file__).with_name("lawyer_types_labels.json")


def main() -> None:
    """Print a table and, where asked for, write it as JSON rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cuad", type=Path, help="a file in CUAD's layout")
    parser.add_argument("--json", type=Path, default=None, help="write the rows to this file")
    given = parser.parse_args()
    labels = json.loads(LABELS.read_text(encoding="utf-8"))["contracts"]
    keys = {category.key for category in LAWYER}
    rules = [rule for rule in other_rules() if rule.category in keys]
    found = {
        contract.title: {fire.category for fire in fires(contract.text, contract.passages(), rules)}
        for contract in contracts(given.cuad)
        if contract.title in labels
    }
    missing = sorted(set(labels) - set(found))
    if missing:
        raise SystemExit(f"{given.cuad} lacks {len(missing)} of the {len(labels)} labelled contracts")
    rows = []
    for category in LAWYER:
        have = {title for title, types in labels.items() if category.key in types}
        said = {title for title, types in found.items() if category.key in types}
        right = len(have & said)
        for metric, of in (("recall", len(have)), ("precision", len(said))):
            low, high = wilson(right, of) if of else (float("nan"), float("nan"))
            rows.append(
                {
                    "benchmark": "lawyer_types",
                    "system": "rules",
                    "metric": f"{category.key}_{metric}",
                    "value": right / of if of else None,
                    "low": low if of else None,
                    "high": high if of else None,
                    "unit": "fraction",
                    "num_contracts": of,
                }
            )
            shown = f"{right:3d} of {of:3d}  [{low:.2f}, {high:.2f}]" if of else "none"
            print(f"{category.title:24s} {metric:10s} {shown}")
    if given.json is not None:
        given.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
