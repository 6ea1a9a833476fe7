// The peer connection: this room's sound, picture and slides out, the meeting's in.
import { signal } from "@preact/signals";
import type { Connection } from "./connection";
import { camera, microphone, slides } from "./devices";
import type { Hint } from "./protocol";

export type Sound = "off" | "connecting" | "connected" | "failed";

const RETRY_MS = 2000;
const SLIDES_KBPS = 2500;

// What everybody sees; null while no picture has come.
export const program = signal<MediaStream | null>(null);

// The third medium is told from the second by its label; a browser has no way to set one.
const labelled = (sdp: string): string => sdp.replace(/(m=video[^]*?)(m=video[^]*)$/, "$1$2a=label:content\r\n");

export class Media {
  readonly player = new Audio();
  private peer: RTCPeerConnection | null = null;
  private isLive = false;
  private wanted: Hint["video"] = null;
  // Candidates that came before the answer was set: a browser refuses them until then.
  private early: RTCIceCandidateInit[] = [];
  // STUN and TURN, as the server's last hello named them.
  iceServers: RTCIceServer[] = [];

  constructor(
    private readonly connection: Connection,
    private readonly onState: (sound: Sound) => void,
  ) {
    this.player.autoplay = true;
    microphone.subscribe((track) => this.replace(0, track));
    camera.subscribe((track) => this.replace(1, track));
    slides.subscribe((track) => this.replace(2, track));
  }

  // Whether anybody is to hear this room. A closed microphone leaves the machine as silence.
  setLive(isLive: boolean): void {
    this.isLive = isLive;
    if (microphone.value) microphone.value.enabled = isLive;
  }

  // How large this room's picture is of use now; null: nobody sees it, and none is sent.
  setPicture(wanted: Hint["video"]): void {
    if (this.wanted === wanted) return;
    this.wanted = wanted;
    void this.applyPicture();
  }

  isUp(): boolean {
    return this.peer !== null && ["new", "connecting", "connected"].includes(this.peer.connectionState);
  }

  stats(): Promise<RTCStatsReport | null> {
    return this.peer?.getStats() ?? Promise.resolve(null);
  }

  async connect(): Promise<void> {
    this.disconnect();
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers: this.iceServers });
    this.peer = peer;
    this.early = [];
    this.onState("connecting");
    this.addMedia(peer);
    peer.onicecandidate = ({ candidate }) => {
      const params = { candidate: candidate?.candidate ?? "", mid: candidate?.sdpMid ?? "0" };
      void this.connection.call("media.candidate", params).catch(() => undefined);
    };
    peer.onconnectionstatechange = () => this.followPeer(peer);
    try {
      await peer.setLocalDescription();
      const sdp = labelled(peer.localDescription?.sdp ?? "");
      const answer = await this.connection.call<{ sdp: string }>("media.offer", { sdp });
      if (this.peer === peer) await this.accept(peer, answer.sdp);
    } catch {
      if (this.peer === peer) this.retry(peer);
    }
  }

  async addCandidate(candidate: string, mid: string): Promise<void> {
    const found = { candidate, sdpMid: mid };
    if (this.peer?.remoteDescription) await this.peer.addIceCandidate(found).catch(() => undefined);
    else this.early.push(found);
  }

  disconnect(): void {
    this.peer?.close();
    this.peer = null;
    program.value = null;
    this.onState("off");
  }

  private addMedia(peer: RTCPeerConnection): void {
    peer.addTransceiver(microphone.value ?? "audio", { direction: "sendrecv" });
    peer.addTransceiver(camera.value ?? "video", { direction: "sendrecv", sendEncodings: [{ active: false }] });
    peer.addTransceiver(slides.value ?? "video", {
      direction: "sendrecv", sendEncodings: [{ maxBitrate: SLIDES_KBPS * 1000 }],
    });
    peer.ontrack = ({ track, transceiver }) => {
      const place = peer.getTransceivers().indexOf(transceiver);
      if (place === 0) this.hear(track);
      else if (place === 1) track.onunmute = () => { program.value = new MediaStream([track]); };
    };
  }

  private hear(track: MediaStreamTrack): void {
    this.player.srcObject = new MediaStream([track]);
    void this.player.play().catch(() => this.onState("failed"));
  }

  private async accept(peer: RTCPeerConnection, sdp: string): Promise<void> {
    await peer.setRemoteDescription({ type: "answer", sdp });
    // One that the browser cannot use is of no use; the others may be.
    for (const found of this.early.splice(0)) await peer.addIceCandidate(found).catch(() => undefined);
    await this.applyPicture();
  }

  private replace(place: number, track: MediaStreamTrack | null): void {
    if (track && place === 0) track.enabled = this.isLive;
    void this.peer?.getTransceivers()[place]?.sender.replaceTrack(track).catch(() => undefined);
    if (place === 1) void this.applyPicture();
  }

  private async applyPicture(): Promise<void> {
    const sender = this.peer?.getTransceivers()[1]?.sender;
    const parameters = sender?.getParameters();
    const encoding = parameters?.encodings[0];
    if (!sender || !parameters || !encoding) return;
    const { wanted } = this;
    encoding.active = wanted !== null;
    if (wanted) {
      const height = camera.value?.getSettings().height ?? wanted.maxHeight;
      encoding.scaleResolutionDownBy = Math.max(1, height / wanted.maxHeight);
      encoding.maxBitrate = wanted.maxKbps * 1000;
      encoding.maxFramerate = wanted.maxFps;
    }
    // Between two descriptions a browser takes no parameters; those after the answer are set again.
    await sender.setParameters(parameters).catch(() => undefined);
  }

  private followPeer(peer: RTCPeerConnection): void {
    if (this.peer !== peer) return;
    if (peer.connectionState === "connected") this.onState("connected");
    else if (peer.connectionState === "failed") this.retry(peer);
  }

  private retry(peer: RTCPeerConnection): void {
    this.onState("failed");
    setTimeout(() => {
      if (this.peer === peer) void this.connect();
    }, RETRY_MS);
  }
}
