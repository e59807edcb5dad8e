"""LightGBM's text form of a model, read strictly: a library that trusts every index in a file must not get a stranger's file as it is.

``read_model`` checks each number of each tree and writes the text anew from what it checked; the backend ``trees`` hands only that to LightGBM.
``core/train/trees`` stores the same short form: trees, names and objective, without the parameters of training.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from ..errors import BundleFormatError

if TYPE_CHECKING:
    import numpy as np

MAX_BYTES = 64 << 20
MAX_TREES = 20_000
MAX_LEAVES = 4096
MAX_DEPTH = 256
MAX_FEATURES = 100_000

OBJECTIVES = re.compile(
    r"regression|regression_l1|huber|fair|quantile|mape|poisson|gamma|cross_entropy"
    r"|binary sigmoid:[0-9.]{1,10}|tweedie tweedie_variance_power:[0-9.]{1,10}"
)
_HEADER = {
    "num_class": "1",
    "num_tree_per_iteration": "1",
    "label_index": "0",
}
_INFINITE = re.compile(r"(?<![^ ])inf(?![^ ])")
_WHOLE = re.compile(r"-?[0-9]{1,9}( -?[0-9]{1,9})*")
_REAL = re.compile(
    r"-?[0-9]{1,20}(\.[0-9]{1,30})?(e[+-]?[0-9]{1,3})?( -?[0-9]{1,20}(\.[0-9]{1,30})?(e[+-]?[0-9]{1,3})?)*"
)
_SPLITS = {  # arrays with one value a split, and whether the values are whole
    "split_feature": True,
    "split_gain": False,
    "threshold": False,
    "decision_type": True,
    "left_child": True,
    "right_child": True,
    "internal_value": False,
    "internal_weight": False,
    "internal_count": True,
}
_LEAVES = {"leaf_value": False, "leaf_weight": False, "leaf_count": True}
_ORDER = (
    *("split_feature", "split_gain", "threshold", "decision_type", "left_child", "right_child"),
    *("leaf_value", "leaf_weight", "leaf_count", "internal_value", "internal_weight", "internal_count"),
)
_NUMERIC_DECISIONS = (0, 2, 4, 6, 8, 10)
"""Bit 0 would be a categorical split; bit 1 is the default direction, bits 2 and 3 what counts as missing."""


@dataclass(frozen=True)
class TreesText:
    """A checked model: names of its features in column order, LightGBM's word for its objective ("" for none), the text written anew."""

    features: tuple[str, ...]
    objective: str
    num_trees: int
    text: str


def safe_name(name: str) -> str:
    """``name`` as LightGBM accepts it: characters that it forbids (JSON's own, blanks, beyond ASCII) percent-encoded.

    >>> safe_name("log:E 7|count_24h|0")
    'log%3AE%207|count_24h|0'
    """
    return quote(name, safe="|=+()<>*")


def read_file(path: Path) -> TreesText:
    """Read and check a model file. Raises BundleFormatError, see ``read_model``."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise BundleFormatError(f"{path} has {size} bytes; trees of at most {MAX_BYTES >> 20} MiB are read")
        text = path.read_bytes().decode("ascii")
    except OSError as error:
        raise BundleFormatError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BundleFormatError(f"{path} is no LightGBM text: byte {error.start} is not ASCII") from error
    return read_model(text, str(path))


def read_model(text: str, where: str) -> TreesText:
    """Check LightGBM's text; ``where`` names it in errors.

    Raises:
        BundleFormatError: not the text of a LightGBM model, cut short, too big, of several classes, with categorical or linear trees, or with
            trees whose indices or numbers do not fit together.
    """
    head, _, rest = text.partition("\nTree=")
    header = _pairs(head.splitlines(), where)
    if not text.startswith("tree\n") or "version" not in header:
        raise BundleFormatError(f"{where} is no LightGBM text model")
    if header["version"] not in ("v3", "v4"):
        raise BundleFormatError(f"{where} has the form {header['version'][:10]!r}; v3 and v4 are read")
    for key, value in _HEADER.items():
        if header.get(key) != value:
            raise BundleFormatError(f"{where}: {key} must be {value}")
    if unknown := header.keys() - _HEADER.keys() - {
        "tree", "version", "max_feature_idx", "objective", "feature_names", "feature_infos", "tree_sizes",
        "monotone_constraints",
    }:  # fmt: skip
        raise BundleFormatError(f"{where}: {sorted(unknown)[0][:40]!r} is not supported")
    objective = header.get("objective", "")
    if objective and not OBJECTIVES.fullmatch(objective):
        raise BundleFormatError(f"{where}: objective {objective[:60]!r} is not supported")
    names = header.get("feature_names", "").split(" ")
    index = header.get("max_feature_idx", "")
    if not index.isdecimal() or len(index) > 6 or int(index) + 1 != len(names) or len(names) > MAX_FEATURES:
        raise BundleFormatError(f"{where}: max_feature_idx and feature_names do not fit together")
    if len(set(names)) != len(names) or any(safe_name(unquote(name)) != name for name in names):
        raise BundleFormatError(f"{where}: feature names stand twice or hold characters that they may not")
    trees = _trees(rest, len(names), where)
    return TreesText(tuple(map(unquote, names)), objective, len(trees), _written(names, objective, trees))


def _trees(rest: str, num_features: int, where: str) -> list[str]:
    body, end, _ = rest.partition("\nend of trees\n")
    if not end:
        raise BundleFormatError(f"{where} is cut short: its trees have no end")
    pieces = body.split("\nTree=")
    if len(pieces) > MAX_TREES:
        raise BundleFormatError(f"{where} holds {len(pieces)} trees; at most {MAX_TREES} are read")
    trees = []
    for number, piece in enumerate(pieces):
        lines = piece.splitlines()
        if not lines or lines[0] != str(number):
            raise BundleFormatError(f"{where}: tree {number} is missing or out of order")
        trees.append(_tree(_pairs(lines[1:], where), number, num_features, where))
    return trees


def _pairs(lines: list[str], where: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for line in lines:
        key, _, value = line.partition("=")
        if line and key in pairs:
            raise BundleFormatError(f"{where}: {key[:40]!r} stands twice")
        if line:
            pairs[key] = value
    return pairs


def _tree(fields: dict[str, str], number: int, num_features: int, where: str) -> str:
    """The text of one tree, from its checked fields."""
    what = f"{where}: tree {number}"
    leaves = fields.get("num_leaves", "")
    if not leaves.isdecimal() or len(leaves) > 6 or not 1 <= int(leaves) <= MAX_LEAVES:
        raise BundleFormatError(f"{what} must have 1 to {MAX_LEAVES} leaves")
    if fields.get("num_cat") != "0" or fields.get("is_linear", "0") != "0":
        raise BundleFormatError(f"{what} has categorical splits or linear leaves, which are not supported")
    if unknown := fields.keys() - _SPLITS.keys() - _LEAVES.keys() - {"num_leaves", "num_cat", "is_linear", "shrinkage"}:
        raise BundleFormatError(f"{what}: {sorted(unknown)[0][:40]!r} is not supported")
    count = int(leaves)
    arrays = {key: _array(fields, key, count - 1, whole, what) for key, whole in _SPLITS.items()}
    if count > 1:
        arrays |= {key: _array(fields, key, count, whole, what) for key, whole in _LEAVES.items()}
        _check_shape(arrays, count, num_features, what)
    else:
        _array(fields, "leaf_value", 1, False, what)
        fields = {**fields, "leaf_weight": "", "leaf_count": ""}
    lines = [f"Tree={number}", f"num_leaves={count}", "num_cat=0"]
    lines += [f"{key}={fields.get(key, '')}" for key in _ORDER]
    _array(fields, "shrinkage", 1, False, what)
    return "\n".join([*lines, "is_linear=0", f"shrinkage={fields['shrinkage']}", "", "", ""])


def _array(fields: dict[str, str], key: str, count: int, whole: bool, what: str) -> np.ndarray:
    import numpy as np

    value = fields.get(key)
    if value is None:
        raise BundleFormatError(f"{what} lacks {key}")
    if not count:
        if value:
            raise BundleFormatError(f"{what}: {key} must be empty in a tree of one leaf")
        return np.empty(0)
    # a split of the known values from the missing ones has the threshold inf
    plain = _INFINITE.sub("0", value) if key == "threshold" else value
    if value.count(" ") + 1 != count or not (_WHOLE if whole else _REAL).fullmatch(plain):
        raise BundleFormatError(f"{what}: {key} must hold {count} numbers")
    numbers = np.array(plain.split(" "), dtype=np.int64 if whole else np.float64)
    if not whole and not np.isfinite(numbers).all():
        raise BundleFormatError(f"{what}: {key} holds a number that is too large")
    return numbers


def _check_shape(arrays: dict[str, np.ndarray], leaves: int, num_features: int, what: str) -> None:
    """Splits name features that exist, and nodes make one tree: each is the child of one split before it."""
    import numpy as np

    feature = arrays["split_feature"]
    if feature.min() < 0 or feature.max() >= num_features:
        raise BundleFormatError(f"{what} splits on a feature that does not exist")
    if not np.isin(arrays["decision_type"], _NUMERIC_DECISIONS).all():
        raise BundleFormatError(f"{what} has a kind of split that is not supported")
    if min(arrays["leaf_count"].min(), arrays["internal_count"].min()) < 1:
        raise BundleFormatError(f"{what} has a node without rows")
    children = np.stack([arrays["left_child"], arrays["right_child"]])
    nodes = np.sort(children, axis=None)
    wanted = np.arange(-leaves, leaves - 1)
    if not np.array_equal(nodes, wanted[wanted != 0]):
        raise BundleFormatError(f"{what} is not one tree: a node is missing or has two parents")
    depth = np.zeros(leaves - 1, dtype=np.int64)
    for split in range(leaves - 1):
        for child in children[:, split]:
            if 0 <= child <= split:
                raise BundleFormatError(f"{what} is not one tree: a split leads back")
            if child > 0:
                depth[child] = depth[split] + 1
    if depth.max() >= MAX_DEPTH:
        raise BundleFormatError(f"{what} is deeper than {MAX_DEPTH}")


def _written(names: list[str], objective: str, trees: list[str]) -> str:
    head = ["tree", "version=v4", *(f"{key}={value}" for key, value in _HEADER.items())]
    head.append(f"max_feature_idx={len(names) - 1}")
    if objective:
        head.append(f"objective={objective}")
    head += [f"feature_names={' '.join(names)}", f"feature_infos={' '.join(['none'] * len(names))}"]
    head += [f"tree_sizes={' '.join(str(len(tree)) for tree in trees)}", "", ""]
    return "\n".join(head) + "".join(trees) + "end of trees\n\npandas_categorical:null\n"
