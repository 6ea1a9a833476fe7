"""Checks what a demonstration has left: decodes every file of the recording, compares it with its
manifest, verifies the journal's chain, holds the minutes against what was done."""

import hashlib
import json
import subprocess
from pathlib import Path

import sheet


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def loudness(path):
    """Seconds of decoded sound, and its mean volume in dB, by a decoder that is not ours."""
    done = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "info", "-i", str(path), "-af", "volumedetect", "-f", "null",
         "-"], stderr=subprocess.PIPE, text=True, check=True)
    mean = next(float(line.split("mean_volume:")[1].split()[0])
                for line in done.stderr.splitlines() if "mean_volume" in line)
    clock = done.stderr.split("time=")[-1].split()[0]
    hours, minutes, seconds = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds), mean


def chapters(path):
    done = subprocess.run(["ffprobe", "-v", "error", "-show_chapters", "-of", "json", str(path)],
                          stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)["chapters"]


class Report:
    def __init__(self):
        self.is_sound = True

    def line(self, good, text):
        print(f"  {'✓' if good else '✗'} {text}")
        self.is_sound = self.is_sound and good


def recording(report, folder):
    parts = sorted((folder / "recordings").glob("part-*"))
    report.line(bool(parts), f"the recording has {len(parts)} part(s)")
    for part in parts:
        manifest = json.loads((part / "manifest.json").read_text())
        wrong = [entry["file"] for entry in manifest["files"]
                 if sha256(part / entry["file"]) != entry["sha256"]]
        report.line(not wrong, f"{len(manifest['files'])} files agree with their SHA-256 {wrong or ''}")
        for entry in manifest["files"]:
            if entry["kind"] != "program":
                continue
            seconds, mean = loudness(part / entry["file"])
            report.line(seconds > 20 and mean > -50,
                        f"the program decodes: {seconds:.1f} s, mean {mean:.1f} dB")
            report.line(sheet.has_picture(part / entry["file"]),
                        "it shows what everybody saw, beside the sound")
            marks = chapters(part / entry["file"])
            report.line(len(marks) >= 9, f"it has {len(marks)} chapters: "
                        + ", ".join(m["tags"]["title"] for m in marks[:12]))
        speakers = [entry for entry in manifest["files"] if entry["kind"] == "speaker"]
        silent = [entry["name"] for entry in speakers
                  if loudness(part / entry["file"])[1] < -50]
        report.line(len(speakers) >= 8 and not silent,
                    f"{len(speakers)} speakers have a sound file of their own {silent or ''}")


def journal(report, build, folder, meeting):
    done = subprocess.run([str(Path(build) / "signaling/nhipcau-signaling"), "verify",
                           str(folder / "journal.jsonl")], capture_output=True, text=True)
    report.line(done.returncode == 0, f"the journal's chain: {(done.stdout + done.stderr).strip()}")


def minutes(report, folder):
    content = json.loads((folder / "minutes.json").read_text())
    speeches = [speech for speech in content["speeches"]]
    report.line(len(speeches) >= 9, f"the minutes list {len(speeches)} speeches, "
                f"{len(content['directives'])} directives, {len(content['notes'])} note(s)")
    cut = [speech for speech in speeches if speech["how"] == "revoked"]
    report.line(len(cut) == 1 and len(content["directives"]) == 2,
                "one speech was cut short, two directives were given")


def heard_by_rooms(report, heard, names):
    deaf = [names[room] for room, line in heard.items() if line["level_dbfs"] < -60]
    lost = sum(line["lost_packets"] for line in heard.values())
    received = sum(line["received_packets"] for line in heard.values())
    report.line(not deaf, f"{len(heard) - len(deaf)} of {len(heard)} rooms heard the meeting "
                f"({received} packets, {lost} lost) {deaf or ''}")


def contact_sheet(report, folder):
    """One picture of each chapter of the first part, in one file."""
    count = sheet.make(folder / "recordings/part-001/program.webm", folder / "contact-sheet.png")
    report.line(count >= 9, f"a contact sheet has {count} pictures of the recording")


def everything(build, folder, meeting, heard, names):
    report = Report()
    heard_by_rooms(report, heard, names)
    recording(report, folder)
    contact_sheet(report, folder)
    journal(report, build, folder, meeting)
    minutes(report, folder)
    here = Path.cwd()
    root = folder.resolve().relative_to(here) if folder.resolve().is_relative_to(here) else folder
    print(f"""
  minutes    {root}/minutes.docx, minutes.pdf, minutes.html   (and minutes.json)
  recording  {root}/recordings/part-001/program.webm
  pictures   {root}/contact-sheet.png
  journal    {root}/journal.jsonl

  {'All of it is sound.' if report.is_sound else 'Something is wrong; see above.'}""")
    return report.is_sound
