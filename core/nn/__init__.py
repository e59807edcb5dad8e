"""Network layers, one a file, and the registry in which bundles look networks up by name."""
