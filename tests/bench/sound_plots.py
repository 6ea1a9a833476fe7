"""Runs the benchmarks of the sound on real speech where it is there (../shared/media), else on made-up
speech, and draws the loudness over time as a PNG beside the build, if matplotlib is installed."""

import argparse
import csv
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
MEDIA = ROOT.parent / "shared/media"
TARGET = -23


def recordings(folder):
    """Raw 48 kHz mono of what speech there is."""
    paths = []
    for name in ("opening.opus", "report.opus", "directives.opus"):
        if (MEDIA / name).exists():
            paths.append(Path(folder) / f"{name}.raw")
            subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", MEDIA / name, "-ac", "1", "-ar",
                            "48000", "-f", "s16le", paths[-1]], check=True)
    return paths


def draw(table, picture):
    try:
        import matplotlib
        matplotlib.use("Agg")
        from matplotlib import pyplot
    except ImportError:
        print("no picture: python3-matplotlib is not installed")
        return
    with open(table, encoding="ascii") as file:
        rows = [tuple(map(float, row)) for row in csv.reader(file)]
    seconds, loudness, rooms = zip(*rows)
    figure, axes = pyplot.subplots(figsize=(12, 5))
    axes.plot(seconds, loudness, label="at the listener, momentary (400 ms)")
    axes.step(seconds, rooms, where="post", label="the speaking room, dBFS of speech")
    axes.axhline(TARGET, linestyle=":", color="black", label="target")
    axes.set(xlabel="s", ylabel="LUFS", ylim=(-65, -5), title="Six rooms, one loudness")
    axes.legend(loc="lower right")
    figure.savefig(picture, dpi=80)
    print(f"drawn: {picture}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    build = parser.parse_args().build
    with tempfile.TemporaryDirectory() as folder:
        takes = recordings(folder)
        table = Path(folder) / "loudness.csv"
        subprocess.run([build / "tests/bench/bench_loudness_six_rooms", "--csv", table, *takes],
                       check=True)
        draw(table, build / "loudness_six_rooms.png")
        subprocess.run([build / "tests/bench/bench_loss_and_jitter", *takes[1:2]], check=True)


main()
