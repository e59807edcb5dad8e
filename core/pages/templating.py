"""Turn templates into self-contained HTML: escaped, without network, the same bytes for the same input.

Every value passes ``text.visible`` and the template engine's escaping. Style and script are written into the page and named by hash in
its Content-Security-Policy; nothing else may run or be fetched.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .text import percent, plural, shorten, visible

if TYPE_CHECKING:
    from jinja2 import Environment

SHARED = Path(__file__).parent / "shared"
"""The look and the script that all pages have: ``shared.css``, ``shared.js``, ``light.css``, ``dark.css``."""


def render(
    templates: Path, name: str, values: Mapping[str, Any], *, look: str = "", layers: tuple[str, ...] = ()
) -> str:
    """The page ``templates/NAME.html`` filled with ``values``, its style and script (NAME.css, NAME.js) inside.

    ``look`` names another pair of style and script, for pages that share one; ``layers`` are pairs of ``SHARED`` to put before it (``overview``: pages
    of sections and tables). A ``light.css`` and ``dark.css`` in ``templates`` add colours to the
    shared schemes.
    """
    from markupsafe import Markup

    own = templates / (look or name)
    style, script = _style(own, layers), _script(own, layers)
    policy = (
        f"default-src 'none'; script-src {_hash_source(script)}; style-src {_hash_source(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    template = _environment(templates).get_template(f"{name}.html")
    return template.render(values, policy=policy, style=Markup(style), script=Markup(script))


def _style(own: Path, layers: tuple[str, ...]) -> str:
    """The shared style, both colour schemes, and the page's own; the schemes are written once and used three times."""
    light, dark = (_scheme(own.parent, f"{scheme}.css") for scheme in ("light", "dark"))
    schemes = (
        f":root{{color-scheme:light;\n{light}}}\n"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{color-scheme:dark;\n{dark}}}}}\n"
        f":root[data-theme=dark]{{color-scheme:dark;\n{dark}}}\n"
        f"@media print{{:root,:root:not([data-theme=light]),:root[data-theme=dark]{{color-scheme:light;\n{light}--bg:#fff;--paper:#fff;--raise:#fff}}}}\n"
    )
    return schemes + "".join(_read(path) for path in _parts(own, layers, ".css"))


def _scheme(templates: Path, name: str) -> str:
    own = templates / name
    return _read(SHARED / name) + (_read(own) if own.is_file() else "")


def _script(own: Path, layers: tuple[str, ...]) -> str:
    return "".join(_read(path) for path in _parts(own, layers, ".js"))


def _parts(own: Path, layers: tuple[str, ...], suffix: str) -> list[Path]:
    """The files of a page's style or script in order, the page's own last."""
    return [*(SHARED / f"{name}{suffix}" for name in ("shared", *layers)), own.with_name(own.name + suffix)]


@functools.cache
def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _hash_source(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


@functools.cache
def _environment(templates: Path) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def shown(value: Any) -> Any:
        return value if isinstance(value, Markup | int | float) else visible(str(value))

    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown,
    )
    environment.filters.update(
        percent=percent,
        plural=plural,
        shorten=shorten,
        path=lambda part: quote(part, safe="", errors="replace"),
        url=lambda address: quote(address, safe="/", errors="replace"),
    )
    return environment
