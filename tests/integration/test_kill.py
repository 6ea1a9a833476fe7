from _crash import kill_many
from conftest import play


def test_what_was_acknowledged_survives_being_killed_at_random(make_server):
    async def run():
        server = make_server({"frames-per-second": 100000, "frames-burst": 100000})
        acknowledged = await kill_many(server, 5, seed=20)
        assert sum(acknowledged) > 50
    play(run())
