"""Accounts, links and tokens: made, listed, revoked one by one, at once."""

from conftest import play


def links(server, meeting="giao-ban"):
    return server.request(f"/api/v1/meetings/{meeting}/links", token=server.operator).json


def reason(answer):
    return answer.json["error"]["reason"]


def test_a_link_is_revoked_alone_and_at_once(server):
    async def run():
        keys = server.create()
        room, other = await server.join(keys["hue"]), await server.join(keys["da-nang"])
        token = server.token(keys["hue"])
        link = next(entry["link"] for entry in links(server) if entry["site"] == "hue")
        ended = server.request(f"/api/v1/meetings/giao-ban/links/{link}", token=server.operator,
                               method="DELETE")
        assert ended.json == {"sessions": 1}
        assert await room.ended() == 1008
        assert server.request("/api/v1/join", {"key": keys["hue"]}).status == 401
        again = await server.connect()
        try:
            await again.hello(token)
            raise AssertionError("a token of a revoked link was taken")
        except Exception as refusal:  # noqa: BLE001
            assert "not-signed-in" in str(refusal)
        await other.call("message.send", {"text": "vẫn đây"})
        assert "hue" not in {entry["site"] for entry in links(server)}
        made = server.request("/api/v1/meetings/giao-ban/links", {"site": "hue"},
                              token=server.operator).json
        await server.join(made["url"].rsplit("/", 1)[1])
    play(run())


def test_links_are_shown_without_their_keys(server):
    keys = server.create()
    text = str(links(server))
    assert len(links(server)) == 4  # three rooms and the secretary
    assert not any(key in text for key in keys.values())
    room = server.token(keys["hue"])
    for method, path in (("GET", "meetings/giao-ban/links"), ("GET", "tokens"),
                         ("GET", "accounts"), ("DELETE", "tokens/0123456789abcdef")):
        assert reason(server.request(f"/api/v1/{path}", token=room, method=method)) == \
            "not-allowed"


def test_signing_out_ends_the_token_and_its_sessions(server):
    async def run():
        keys = server.create()
        token = server.token(keys["hue"])
        room = await server.connect()
        await room.hello(token)
        assert server.request("/api/v1/logout", {}, token=token).json == {"sessions": 1}
        assert await room.ended() == 1008
        assert reason(server.request("/api/v1/meetings", token=token)) == "not-signed-in"
        await server.join(keys["hue"])  # the link is as good as before
    play(run())


def test_an_account_is_made_changed_and_removed(server):
    made = server.request("/api/v1/accounts", {"account": "thu-ky", "role": "secretary"},
                          token=server.operator)
    assert made.status == 201
    secret = made.json["secret"]

    def sign_in(given):
        return server.request("/api/v1/login", {"account": "thu-ky", "secret": given})

    first = sign_in(secret).json["token"]
    assert server.request("/api/v1/meetings", token=first).status == 200
    changed = server.request("/api/v1/accounts", {"account": "thu-ky", "role": "secretary",
                                                  "secret": "một mật khẩu dài"},
                             token=server.operator)
    assert changed.json["secret"] is None
    assert reason(server.request("/api/v1/meetings", token=first)) == "not-signed-in"
    assert sign_in(secret).status == 401
    second = sign_in("một mật khẩu dài").json["token"]
    listed = server.request("/api/v1/accounts", token=server.operator).json
    assert {"account": "thu-ky", "role": "secretary", "site": None} in listed
    removed = server.request("/api/v1/accounts/thu-ky", token=server.operator, method="DELETE")
    assert removed.status == 200
    assert reason(server.request("/api/v1/meetings", token=second)) == "not-signed-in"
    own = server.request("/api/v1/accounts/operator", token=server.operator, method="DELETE")
    assert reason(own) == "wrong-state"
    for bad in ({"account": "a", "role": "site"}, {"account": "a", "role": "king"},
                {"account": "a", "role": "observer", "secret": "short"}):
        assert reason(server.request("/api/v1/accounts", bad, token=server.operator)) == "invalid"
    assert reason(server.request("/api/v1/accounts", {"account": "x", "role": "observer"},
                                 token=second)) == "not-signed-in"
