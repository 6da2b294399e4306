"""Reviews: what people say of masks and lakes. An append-only log in SQLite or PostgreSQL; the latest word on each subject counts."""
