// The peer connection: this room's microphone out, the meeting's sound in.
import type { Connection } from "./connection";

export type Sound = "off" | "connecting" | "connected" | "failed";

const RETRY_MS = 2000;

export class Media {
  readonly player = new Audio();
  private peer: RTCPeerConnection | null = null;
  private microphone: MediaStreamTrack | null = null;
  private isLive = false;
  // Candidates that came before the answer was set: a browser refuses them until then.
  private early: RTCIceCandidateInit[] = [];
  // STUN and TURN, as the server's last hello named them.
  iceServers: RTCIceServer[] = [];

  constructor(
    private readonly connection: Connection,
    private readonly onState: (sound: Sound) => void,
  ) {
    this.player.autoplay = true;
  }

  // Without a microphone, or without leave to use it, a room can still listen.
  async openMicrophone(): Promise<boolean> {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
      });
      this.microphone = stream.getAudioTracks()[0] ?? null;
      this.applyLive();
      return this.microphone !== null;
    } catch {
      return false;
    }
  }

  // Whether anybody is to hear this room. A closed microphone leaves the machine as silence.
  setLive(isLive: boolean): void {
    this.isLive = isLive;
    this.applyLive();
  }

  isUp(): boolean {
    return this.peer !== null && ["new", "connecting", "connected"].includes(this.peer.connectionState);
  }

  async connect(): Promise<void> {
    this.disconnect();
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers: this.iceServers });
    this.peer = peer;
    this.early = [];
    this.onState("connecting");
    peer.addTransceiver(this.microphone ?? "audio", { direction: "sendrecv" });
    peer.ontrack = ({ track }) => {
      this.player.srcObject = new MediaStream([track]);
      void this.player.play().catch(() => this.onState("failed"));
    };
    peer.onicecandidate = ({ candidate }) => {
      const params = { candidate: candidate?.candidate ?? "", mid: candidate?.sdpMid ?? "0" };
      void this.connection.call("media.candidate", params).catch(() => undefined);
    };
    peer.onconnectionstatechange = () => this.followPeer(peer);
    try {
      await peer.setLocalDescription();
      const sdp = peer.localDescription?.sdp ?? "";
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

  private async accept(peer: RTCPeerConnection, sdp: string): Promise<void> {
    await peer.setRemoteDescription({ type: "answer", sdp });
    // One that the browser cannot use is of no use; the others may be.
    for (const found of this.early.splice(0)) await peer.addIceCandidate(found).catch(() => undefined);
  }

  disconnect(): void {
    this.peer?.close();
    this.peer = null;
    this.onState("off");
  }

  private applyLive(): void {
    if (this.microphone) this.microphone.enabled = this.isLive;
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
