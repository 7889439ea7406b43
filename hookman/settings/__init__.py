"""hookman.toml: its keys, reading it, merging its layers. Nothing here acts on a setting."""
