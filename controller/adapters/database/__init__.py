"""The database; the one door to SQLAlchemy."""

from controller.adapters.database.engine import SqlDatabase, open_database
from controller.adapters.database.schedule_store import ScheduleStore

__all__ = ["ScheduleStore", "SqlDatabase", "open_database"]
