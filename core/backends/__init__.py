"""One file a backend: how a part of a bundle is compiled and run."""
