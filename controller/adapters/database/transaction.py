"""One transaction and all repositories that see it."""

from sqlalchemy.ext.asyncio import AsyncConnection

from controller.adapters.database.accounts import SqlAccounts, SqlInvites, SqlSessions, SqlTokens
from controller.adapters.database.announcements import SqlAnnouncements, SqlApprovals
from controller.adapters.database.areas import SqlAreas, SqlPolicies
from controller.adapters.database.bookkeeping import SqlAudit, SqlIdempotency, SqlLeases
from controller.adapters.database.diary import SqlDiary
from controller.adapters.database.documents import SqlDocuments, SqlRundowns
from controller.adapters.database.occurrences import SqlOccurrences
from controller.adapters.database.orders import SqlOrders, SqlStops
from controller.adapters.database.play_log import SqlPlayLog
from controller.adapters.database.recordings import SqlRecordings, SqlRenditions
from controller.adapters.database.terminals import SqlEnrolments, SqlTerminals


class SqlTransaction:
    """controller.services.ports.Transaction on one connection."""

    def __init__(self, connection: AsyncConnection, *, writes: bool) -> None:
        self.connection = connection
        self.areas = SqlAreas(connection, writes=writes)
        self.policies = SqlPolicies(connection, writes=writes)
        self.accounts = SqlAccounts(connection, writes=writes)
        self.sessions = SqlSessions(connection, writes=writes)
        self.tokens = SqlTokens(connection, writes=writes)
        self.invites = SqlInvites(connection, writes=writes)
        self.recordings = SqlRecordings(connection, writes=writes)
        self.renditions = SqlRenditions(connection, writes=writes)
        self.announcements = SqlAnnouncements(connection, writes=writes)
        self.approvals = SqlApprovals(connection, writes=writes)
        self.occurrences = SqlOccurrences(connection, writes=writes)
        self.play_log = SqlPlayLog(connection, writes=writes)
        self.diary = SqlDiary(connection, writes=writes)
        self.terminals = SqlTerminals(connection, writes=writes)
        self.enrolments = SqlEnrolments(connection, writes=writes)
        self.documents = SqlDocuments(connection, writes=writes)
        self.rundowns = SqlRundowns(connection, writes=writes)
        self.stops = SqlStops(connection, writes=writes)
        self.orders = SqlOrders(connection, writes=writes)
        self.audit = SqlAudit(connection, writes=writes)
        self.idempotency = SqlIdempotency(connection, writes=writes)
        self.leases = SqlLeases(connection, writes=writes)
