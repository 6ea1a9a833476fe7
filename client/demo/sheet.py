"""A contact sheet of a recorded meeting: one picture for each chapter, as one PNG."""

import json
import math
import subprocess

WIDTH, HEIGHT, COLUMNS = 640, 360, 3


def probe(path):
    done = subprocess.run(["ffprobe", "-v", "error", "-show_chapters", "-show_streams", "-of", "json",
                           str(path)], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def has_picture(path):
    return any(stream["codec_type"] == "video" for stream in probe(path)["streams"])


def make(program, sheet):
    """The middle of each chapter; how many pictures it has."""
    moments = [(float(chapter["start_time"]) + float(chapter["end_time"])) / 2
               for chapter in probe(program)["chapters"]]
    frames = []
    for number, moment in enumerate(moments):
        frame = sheet.parent / f".sheet-{number:03d}.png"
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-ss", f"{moment:.3f}", "-i",
                        str(program), "-frames:v", "1", "-vf", f"scale={WIDTH}:{HEIGHT}", str(frame)],
                       check=True)
        if frame.exists():
            frames.append(frame)
    rows = math.ceil(len(frames) / COLUMNS)
    inputs = [word for frame in frames for word in ("-i", str(frame))]
    places = "|".join(f"{i % COLUMNS * WIDTH}_{i // COLUMNS * HEIGHT}" for i in range(len(frames)))
    if rows > 0:
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *inputs, "-filter_complex",
                        f"xstack=inputs={len(frames)}:layout={places}:fill=black", "-frames:v", "1",
                        str(sheet)], check=True)
    for frame in frames:
        frame.unlink()
    return len(frames)
