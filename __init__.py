"""dsapp: one model runtime under contract review, imaging and predictive maintenance.

The root of the package holds its version only; each domain is imported by its own name
(``dsapp.finance``, ``dsapp.core``, ...), and nothing heavy is loaded before it is used.
"""

__version__ = "0.1.0"

__all__ = ["__version__"]
