"""What the rooms say and show: sound files made with espeak-ng, or the real texts' recordings where the
tree has a folder of media beside it."""

import subprocess
from pathlib import Path

MEDIA = Path(__file__).resolve().parents[3] / "shared/media"

TEXTS = {
    "opening": "Thưa các đồng chí. Hôm nay, Chính phủ tổ chức hội nghị trực tuyến toàn quốc về nâng "
               "cao chất lượng giải quyết thủ tục hành chính. Tôi tuyên bố khai mạc hội nghị.",
    "report": "Thưa Phó Thủ tướng, thưa hội nghị. Đến nay, các bộ, ngành, địa phương đã thực hiện cơ "
              "chế một cửa, một cửa liên thông tại tất cả các cấp. Tỷ lệ hồ sơ giải quyết đúng hạn "
              "đạt trên chín mươi lăm phần trăm. Tuy nhiên, vẫn còn hồ sơ trễ hạn.",
    "directives": "Tôi đề nghị các bộ, ngành, địa phương tập trung rà soát, đơn giản hóa thủ tục hành "
                  "chính, và công khai kết quả giải quyết hồ sơ. Xin cảm ơn các đồng chí.",
}


def say(folder, name, text):
    """A WAV file with the text in Vietnamese."""
    path = Path(folder) / f"{name}.wav"
    subprocess.run(["espeak-ng", "-v", "vi", "-s", "165", "-w", str(path), text], check=True)
    return path


# Who is filmed in front of what; the others show drawn pictures.
FILMS = {"van-phong-chinh-phu": "room.mp4", "bo-noi-vu": "speaker.mp4", "da-nang": "speaker.mp4",
         "hue": "hall.mp4", "ca-mau": "hall.mp4", "quang-ninh": "room.mp4"}


def films(rooms):
    """room -> file, as far as there is footage."""
    return {room: MEDIA / name for room, name in FILMS.items()
            if room in rooms and (MEDIA / name).exists()}


def prepare(folder):
    """name -> file, for the long pieces."""
    files = {}
    for name, text in TEXTS.items():
        real = MEDIA / f"{name}.opus"
        files[name] = real if real.exists() else say(folder, name, text)
    return files
