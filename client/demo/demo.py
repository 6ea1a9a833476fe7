"""./dev demo: a whole meeting with real sound and pictures, on the embedded default.

A chairing room, a ministry and six provinces join one server on this machine. They answer the roll,
the chair opens, the ministry reports, three provinces ask for the floor (one is heard out, one is
cut short, one is denied), the chair gives two directives and closes. What is left is a recording,
a contact sheet of it, minutes and a journal, which are checked before this says that they are sound.

With --stay the meeting is not closed: the rooms stay, and join links for browsers are printed.
"""

import argparse
import sys
import time
from pathlib import Path

import check
import speech
from rooms import Rooms, RoomsError
from server import COMPLETE, Server

MEETING = "cai-cach-thu-tuc-hanh-chinh"
CHAIR = "van-phong-chinh-phu"
MINISTRY = "bo-noi-vu"
PROVINCES = {
    "da-nang": "Thành phố Đà Nẵng",
    "quang-ninh": "Tỉnh Quảng Ninh",
    "lao-cai": "Tỉnh Lào Cai",
    "hue": "Thành phố Huế",
    "dak-lak": "Tỉnh Đắk Lắk",
    "ca-mau": "Tỉnh Cà Mau",
}
NAMES = {CHAIR: "Điểm cầu Chính phủ", MINISTRY: "Bộ Nội vụ", **PROVINCES}

OPINION = ("Kính thưa Phó Thủ tướng. {name} đề nghị các bộ sớm kết nối, chia sẻ dữ liệu để người dân "
           "không phải nộp lại giấy tờ đã có trong cơ sở dữ liệu.")

DIRECTIVES = [
    {"text": "Các bộ, ngành, địa phương rà soát, đơn giản hóa thủ tục hành chính; công khai kết quả "
             "giải quyết hồ sơ trên Cổng dịch vụ công.", "lead": CHAIR,
     "support": [MINISTRY], "due": "2026-12-31"},
    {"text": "Xử lý nghiêm cán bộ, công chức gây nhũng nhiễu, phiền hà cho người dân và doanh "
             "nghiệp."},
]


class Show:
    """Prints the meeting as it happens."""

    def __init__(self):
        self.started = time.monotonic()

    def line(self, text):
        seconds = int(time.monotonic() - self.started)
        print(f"  {seconds // 60:02d}:{seconds % 60:02d}  {text}", flush=True)

    def event(self, event):
        body = event["body"]
        site = NAMES.get(body.get("site"), body.get("site"))
        texts = {
            "meeting.opened": "Khai mạc - the meeting is open",
            "meeting.closed": "Bế mạc - the meeting is closed",
            "recording.started": "● recording",
            "recording.stopped": "■ recording finished",
            "floor.requested": f"{site} asks for the floor: {body.get('topic') or ''}",
            "floor.granted": f"{site} has the floor",
            "floor.released": f"{site} gives the floor back",
            "floor.revoked": f"{site} is stopped: {body.get('why')}",
            "floor.denied": f"{site} is denied: {body.get('why')}",
            "directive.issued": f"directive {body.get('directive')}: {body.get('text')}",
            "note.added": f"note: {body.get('text')}",
        }
        # A room that is called has not asked; that it has the floor is said by itself.
        is_invited = (event["type"] == "floor.requested"
                      and event["actor"]["site"] != body.get("site"))
        if not is_invited and (text := texts.get(event["type"])):
            self.line(text)


class Meeting:
    def __init__(self, rooms, folder, show):
        self.rooms = rooms
        self.folder = folder
        self.show = show
        self.secretary = None

    def speak(self, room, file, seconds=None):
        """Plays a file from a room, whole or for some seconds, while the meeting goes on."""
        self.rooms.tell(room=room, play=str(file), loop=False)
        if seconds is not None:
            self.rooms.idle(seconds)
            self.rooms.tell(room=room, silence=True)
        else:
            self.rooms.wait(lambda line: line["type"] == "played" and line["room"] == room,
                            f"{room} to finish", 60)

    def lay_out(self, layout):
        self.rooms.call(CHAIR, "layout.set", {"layout": layout})

    def roll_call(self):
        self.show.line("Điểm danh - each province answers")
        self.lay_out("mosaic")
        for room, name in PROVINCES.items():
            answer = speech.say(self.folder, f"roll-{room}", f"{name}, có mặt.")
            granted = self.rooms.call(CHAIR, "floor.grant", {"site": room})
            self.speak(room, answer)
            self.rooms.call(room, "floor.release", {"request": granted["request"]})
        self.lay_out("auto")

    def ask(self, room, topic, speaker, title):
        asked = self.rooms.call(room, "floor.request", {
            "speaker": speaker, "title": title, "topic": topic, "kind": "opinion"})
        return asked["request"]

    def run(self, files):
        call = self.rooms.call
        call(CHAIR, "meeting.open")
        self.rooms.wait_event("recording.started")
        self.roll_call()
        self.speak(CHAIR, files["opening"], 7)

        report = call(MINISTRY, "floor.request", {
            "speaker": "Nguyễn Văn Bình", "title": "Thứ trưởng", "kind": "prepared",
            "topic": "Báo cáo tình hình giải quyết thủ tục hành chính"})["request"]
        call(CHAIR, "floor.grant", {"request": report, "seconds": 600})
        self.speak(MINISTRY, files["report"], 9)
        call(MINISTRY, "floor.release", {"request": report})
        call(self.secretary, "minutes.note", {"text": "Bộ Nội vụ gửi bổ sung số liệu theo từng tỉnh."})

        first = self.ask("da-nang", "Kết nối dữ liệu một cửa", "Trần Thị Hạnh", "Phó Chủ tịch UBND")
        second = self.ask("lao-cai", "Chế độ cán bộ một cửa", "Lý Văn Páo", "Giám đốc Sở Nội vụ")
        self.lay_out("side_by_side")
        third = self.ask("ca-mau", "Hạ tầng cấp xã", "Lê Minh Đức", "Chủ tịch UBND")
        call(CHAIR, "floor.grant", {"request": first, "seconds": 300})
        self.speak("da-nang", speech.say(self.folder, "da-nang",
                                         OPINION.format(name=PROVINCES["da-nang"])))
        call("da-nang", "floor.release", {"request": first})
        call(CHAIR, "floor.deny", {"request": second, "why": "Ngoài nội dung hội nghị"})
        call(CHAIR, "floor.grant", {"request": third, "seconds": 300})
        self.speak("ca-mau", speech.say(self.folder, "ca-mau",
                                        OPINION.format(name=PROVINCES["ca-mau"])), 4)
        call(CHAIR, "floor.revoke", {"request": third, "why": "Hết thời gian"})

        self.lay_out("auto")
        for directive in DIRECTIVES:
            call(self.secretary, "directive.issue", directive)
        self.speak(CHAIR, files["directives"], 7)

    def close(self):
        """By the secretary: a browser may have taken the chair's room over."""
        self.rooms.call(self.secretary, "meeting.close", {"unfinished": True})
        self.rooms.wait_event("recording.stopped", 30)


def create_meeting(server):
    sites = [{"id": CHAIR, "name": NAMES[CHAIR], "role": "chair"}]
    sites += [{"id": room, "name": name, "role": "site"}
              for room, name in NAMES.items() if room != CHAIR]
    made = server.request("/api/v1/meetings", {
        "meeting": MEETING, **COMPLETE, "place": "Trụ sở Chính phủ", "sites": sites,
        "recording": True,
        "title": "Hội nghị trực tuyến toàn quốc về nâng cao chất lượng giải quyết thủ tục hành "
                 "chính"})
    return {link["site"] or link["role"]: link["url"] for link in made["links"]}


def save(server, folder):
    """The documents, as files that one can open; links in them lead to the recording beside."""
    for name in ("minutes.docx", "minutes.pdf", "minutes.html", "minutes.json", "directives.json",
                 "journal.jsonl"):
        content = server.request(f"/api/v1/meetings/{MEETING}/{name}", raw=True)
        (folder / name).write_bytes(content)
    recordings = folder / "recordings"
    if not recordings.exists():
        recordings.symlink_to(Path("data/recordings") / MEETING)


def stay(server, rooms):
    print("\n  The meeting stays open. Join from a browser on this machine (the certificate is this"
          "\n  server's own; accept it, or import", server.data / "tls/cert.pem", "):\n")
    for room in (CHAIR, "da-nang", "hue"):
        link = server.request(f"/api/v1/meetings/{MEETING}/links", {"site": room})
        print(f"    {NAMES[room]:24} {link['url']}")
    print("\n  A browser that joins as a room takes that room over from the demonstration."
          "\n  Ctrl-C closes everything.")
    try:
        while rooms.process.poll() is None:
            rooms.idle(3600)
    except KeyboardInterrupt:
        pass


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--build", required=True)
    arguments.add_argument("--web", required=True)
    arguments.add_argument("--stay", action="store_true")
    options = arguments.parse_args()

    folder = Path("build/demo") / time.strftime("%Y%m%d-%H%M%S")
    (folder / "speech").mkdir(parents=True)
    show = Show()
    print("Nhịp Cầu: a meeting of a chairing room, a ministry and six provinces\n")
    show.line("preparing what they will say")
    files = speech.prepare(folder / "speech")
    with open(folder / "server.log", "w", encoding="utf-8") as log:
        server = Server(options.build, folder / "data", options.web, log)
        rooms = None
        try:
            server.sign_in()
            links = create_meeting(server)
            show.line(f"server at {server.url}")
            rooms = Rooms(Path(options.build) / "client/room/nhipcau-room",
                          [*(links[room] for room in NAMES), links["secretary"]],
                          "--ca", str(server.data / "tls/cert.pem"), "--picture", "pattern")
            rooms.on_event = show.event
            meeting = Meeting(rooms, folder / "speech", show)
            for number in range(len(NAMES) + 1):
                joined = rooms.wait(lambda line, n=number: line["type"] == "joined"
                                    and line["index"] == n, f"room {number} to join")
                if joined["role"] == "secretary":
                    meeting.secretary = joined["room"]
            for room in NAMES:
                rooms.wait(lambda line, r=room: line["type"] == "media" and line["room"] == r
                           and line["state"] == "connected", f"the sound of {room}")
            show.line(f"{len(NAMES)} rooms are connected with encrypted sound and pictures")
            for room, film in speech.films(NAMES).items():
                rooms.tell(room=room, picture=str(film))
            meeting.run(files)
            if options.stay:
                stay(server, rooms)
            meeting.close()
            heard = {room: rooms.report(room) for room in NAMES if room != CHAIR}
            save(server, folder)
            print()
            sound = check.everything(options.build, folder, MEETING, heard, NAMES)
        except RoomsError as error:
            print(f"\n  the demonstration failed: {error}\n  the server's log: {folder}/server.log")
            sound = False
        finally:
            if rooms is not None:
                rooms.quit()
            server.stop()
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
