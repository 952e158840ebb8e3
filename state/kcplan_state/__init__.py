"""The state file, its lock, its journal and its migrations."""
