// This room's camera, microphone and slides: which of them, and what hinders them.
import { signal } from "@preact/signals";

// Why a device cannot be used: not permitted, not there, taken by another program, or the page is
// not served in a way that a browser lets it have devices.
export type Hindrance = "denied" | "missing" | "busy" | "insecure";

export interface Found {
  microphones: MediaDeviceInfo[];
  cameras: MediaDeviceInfo[];
}

export const microphone = signal<MediaStreamTrack | null>(null);
export const camera = signal<MediaStreamTrack | null>(null);
export const slides = signal<MediaStreamTrack | null>(null);
export const microphoneHindrance = signal<Hindrance | null>(null);
export const cameraHindrance = signal<Hindrance | null>(null);
export const found = signal<Found>({ microphones: [], cameras: [] });

const KEPT = "nhipcau-devices";
interface Kept { microphone?: string; camera?: string }

// A room's machine is set up once: what was chosen is chosen the next time, too.
function kept(): Kept {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Kept;
  } catch {
    return {};
  }
}

function hindrance(error: unknown): Hindrance {
  switch (error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
    case "SecurityError": return "denied";
    case "NotReadableError":
    case "AbortError": return "busy";
    default: return navigator.mediaDevices ? "missing" : "insecure";
  }
}

const sounds = (id?: string): MediaTrackConstraints => ({
  echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1,
  ...(id ? { deviceId: { ideal: id } } : {}),
});

const pictures = (id?: string): MediaTrackConstraints => ({
  width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 25, max: 30 },
  ...(id ? { deviceId: { ideal: id } } : {}),
});

// An unplugged camera ends its track: the room goes on by sound, and the page says so.
function keep(track: MediaStreamTrack | undefined, place: typeof microphone, why: typeof microphoneHindrance): void {
  place.value?.stop();
  place.value = track ?? null;
  why.value = track ? null : "missing";
  track?.addEventListener("ended", () => {
    if (place.value !== track) return;
    place.value = null;
    why.value = "missing";
  });
}

async function open(constraints: MediaStreamConstraints): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new DOMException("insecure", "NotFoundError");
  return navigator.mediaDevices.getUserMedia(constraints);
}

async function list(): Promise<void> {
  const all = await navigator.mediaDevices?.enumerateDevices().catch(() => []) ?? [];
  found.value = {
    microphones: all.filter(({ kind, deviceId }) => kind === "audioinput" && deviceId !== ""),
    cameras: all.filter(({ kind, deviceId }) => kind === "videoinput" && deviceId !== ""),
  };
}

export async function openMicrophone(id = kept().microphone): Promise<void> {
  try {
    const stream = await open({ audio: sounds(id) });
    keep(stream.getAudioTracks()[0], microphone, microphoneHindrance);
  } catch (error) {
    microphone.value = null;
    microphoneHindrance.value = hindrance(error);
  }
}

export async function openCamera(id = kept().camera): Promise<void> {
  try {
    const stream = await open({ video: pictures(id) });
    keep(stream.getVideoTracks()[0], camera, cameraHindrance);
  } catch (error) {
    camera.value = null;
    cameraHindrance.value = hindrance(error);
  }
}

export function closeCamera(): void {
  camera.value?.stop();
  camera.value = null;
  cameraHindrance.value = null;
}

// Both in one question to the person; if one of them fails the other is asked for alone.
export async function openDevices(): Promise<void> {
  const { microphone: sound, camera: picture } = kept();
  try {
    const stream = await open({ audio: sounds(sound), video: pictures(picture) });
    keep(stream.getAudioTracks()[0], microphone, microphoneHindrance);
    keep(stream.getVideoTracks()[0], camera, cameraHindrance);
  } catch {
    await openMicrophone();
    await openCamera();
  }
  await list();
}

export async function choose(kind: "microphone" | "camera", id: string): Promise<void> {
  localStorage.setItem(KEPT, JSON.stringify({ ...kept(), [kind]: id }));
  if (kind === "microphone") await openMicrophone(id);
  else await openCamera(id);
}

// The whole screen, or what the person chooses of it. False: the person chose nothing.
export async function shareSlides(): Promise<boolean> {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: false });
    const track = stream.getVideoTracks()[0] ?? null;
    if (track) track.contentHint = "detail";
    track?.addEventListener("ended", () => { if (slides.value === track) slides.value = null; });
    slides.value = track;
    return track !== null;
  } catch {
    return false;
  }
}

export function stopSlides(): void {
  slides.value?.stop();
  slides.value = null;
}

navigator.mediaDevices?.addEventListener?.("devicechange", () => void list());
