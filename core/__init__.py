"""The shared model runtime and the parts that every domain builds on; knows no domain."""
