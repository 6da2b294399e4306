"""One file a view: a pure `<noun>_figure`, a `<view>_ui`, and a thin `<view>_server`."""
