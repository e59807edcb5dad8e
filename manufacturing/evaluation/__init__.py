"""Score the shipped bundles and the plain baselines on labelled sets."""
