"""Domain objects as the API shows them."""

from controller.domain.account import Account
from controller.domain.area import Area
from controller.web.schemas.access import AccountView
from controller.web.schemas.areas import AreaView


def account_view(account: Account, area_name: str) -> AccountView:
    """Return an account as the API shows it."""
    return AccountView(
        id=str(account.id),
        username=account.username,
        display_name=account.display_name,
        role=account.role.value,
        area_id=account.area,
        area_name=area_name,
        may_release_emergency=account.may_release_emergency,
        disabled=account.disabled,
        password_set=account.password_set,
        last_seen_at=account.last_seen_at,
    )


def area_view(area: Area, terminals: int) -> AreaView:
    """Return an area as the API shows it."""
    return AreaView(
        id=area.id,
        parent_id=area.parent,
        level=area.level.value,
        code=area.code,
        name=area.name,
        timezone=area.timezone,
        terminals=terminals,
    )
