"""The same product on a province's Mosquitto instead of the embedded broker."""

from pathlib import Path

import pytest

from tests.acceptance.town import running, until
from tests.contract.broker_rigs import KINDS, MosquittoRig

pytestmark = [pytest.mark.timeout(120), pytest.mark.needs("mosquitto")]


async def test_loudspeakers_enrol_and_are_heard_through_mosquitto(tmp_path: Path) -> None:
    """Rights are given by dynamic security, terminals sign in with them, the diary hears them."""
    async with KINDS["mosquitto"](tmp_path / "broker") as rig:
        assert isinstance(rig, MosquittoRig)
        ca = tmp_path / "ca.pem"
        ca.write_text(rig.authority.pem, encoding="ascii")
        settings = {
            "LOAXA_MOSQUITTO_HOST": "localhost",
            "LOAXA_MOSQUITTO_PORT": str(rig.port),
            "LOAXA_MOSQUITTO_CA": str(ca),
            "LOAXA_MOSQUITTO_PASSWORD": rig.controller_password(1),
        }
        async with (
            running(tmp_path / "data", settings=settings) as town,
            town.person("admin") as admin,
        ):

            async def all_ready() -> bool:
                items = (await admin.get("/terminals"))["items"]
                return [one["health"] for one in items] == ["ready"] * 6

            await until(all_ready, 40)
            test = await admin.do(
                "POST",
                f"/terminals/{(await admin.get('/terminals'))['items'][0]['id']}/test",
                {"kind": "silent"},
            )
            assert test["acknowledged"] is True
