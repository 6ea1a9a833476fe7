// The WebSocket to the server: JSON-RPC calls, events in order, and coming back by itself.
import type { Hello, JournalEvent } from "./protocol";
import { RpcError } from "./protocol";

export type Line = "connecting" | "open" | "lost" | "replaced" | "refused";

export interface Listener {
  line(line: Line): void;
  hello(hello: Hello): void;
  event(event: JournalEvent): void;
  notification(method: string, params: Record<string, unknown>): void;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

const CLIENT = "nhipcau-web 0.1.0";
const FIRST_DELAY_MS = 200;
const LAST_DELAY_MS = 5000;
// A line that was cut in the middle closes no socket: what is not answered in time is lost.
const BEAT_MS = 2000;
const PATIENCE_MS = 4000;
// On a poor line the state of a large meeting takes its time.
const OPENING_MS = 8000;
const GREETING_MS = 30_000;

export class Connection {
  private socket: WebSocket | null = null;
  private waiting = new Map<number, Waiting>();
  private nextId = 1;
  private seq: number | null = null;
  private delayMs = FIRST_DELAY_MS;
  private isOver = false;
  private heardMs = 0;
  private beat: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly token: string,
    private readonly meeting: string | null,
    private readonly listener: Listener,
  ) {
    window.addEventListener("offline", () => this.abandon(this.socket));
  }

  open(): void {
    if (this.isOver) return;
    this.listener.line("connecting");
    const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/ws`;
    const socket = new WebSocket(address, "nhipcau.v1");
    this.socket = socket;
    this.expect(socket, OPENING_MS);
    socket.onopen = () => {
      this.expect(socket, GREETING_MS);
      void this.greet();
    };
    socket.onmessage = (message) => {
      this.heardMs = performance.now();
      this.take(String(message.data));
    };
    socket.onclose = () => {
      if (this.socket === socket) this.lost();
    };
  }

  close(): void {
    this.isOver = true;
    clearTimeout(this.beat);
    this.socket?.close(1000);
    this.socket = null;
  }

  call<T>(method: string, params: Record<string, unknown> = {}): Promise<T> {
    const { socket } = this;
    if (!socket || socket.readyState !== WebSocket.OPEN)
      return Promise.reject(new RpcError("no connection", 0, "no-connection", null));
    const id = this.nextId++;
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
      socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    });
  }

  private async greet(): Promise<void> {
    const params: Record<string, unknown> = { token: this.token, client: CLIENT };
    if (this.meeting !== null) params.meeting = this.meeting;
    if (this.seq !== null) params.since = this.seq;
    try {
      const hello = await this.call<Hello>("session.hello", params);
      this.delayMs = FIRST_DELAY_MS;
      if (hello.state) this.seq = hello.seq;
      this.listener.hello(hello);
      for (const event of hello.events ?? []) this.takeEvent(event);
      this.listener.line("open");
      this.keepAsking();
    } catch (error) {
      if (error instanceof RpcError && error.reason !== "no-connection") {
        this.close();
        this.listener.line("refused");
      }
    }
  }

  private take(data: string): void {
    const message = JSON.parse(data) as {
      id?: number; method?: string; params?: Record<string, unknown>; result?: unknown;
      error?: { code: number; message: string; data?: { reason?: string; field?: string } };
    };
    if (message.method === undefined) {
      const waiting = this.waiting.get(message.id ?? -1);
      this.waiting.delete(message.id ?? -1);
      if (message.error) {
        const { code, message: why, data: more } = message.error;
        waiting?.reject(new RpcError(why, code, more?.reason ?? "", more?.field ?? null));
      } else waiting?.resolve(message.result);
    } else if (message.method === "event") {
      this.takeEvent(message.params as unknown as JournalEvent);
    } else if (message.method === "session.replaced") {
      this.close();
      this.listener.line("replaced");
    } else this.listener.notification(message.method, message.params ?? {});
  }

  private takeEvent(event: JournalEvent): void {
    if (this.seq !== null && event.seq <= this.seq) return;
    this.seq = event.seq;
    this.listener.event(event);
  }

  // The socket is given up unless something stops the clock.
  private expect(socket: WebSocket, patienceMs: number): void {
    clearTimeout(this.beat);
    this.beat = setTimeout(() => {
      // Whoever sends anything lives, however late its answers are.
      if (performance.now() - this.heardMs < PATIENCE_MS) this.expect(socket, PATIENCE_MS);
      else this.abandon(socket);
    }, patienceMs);
  }

  private abandon(socket: WebSocket | null): void {
    if (socket === null || this.socket !== socket) return;
    socket.onclose = null;
    socket.onmessage = null;
    socket.close();
    this.lost();
  }

  private keepAsking(): void {
    const { socket } = this;
    if (!socket) return;
    clearTimeout(this.beat);
    this.beat = setTimeout(() => {
      if (this.socket !== socket) return;
      this.expect(socket, PATIENCE_MS);
      // Even a refusal is an answer.
      void this.call("session.ping").catch(() => undefined).then(() => {
        if (this.socket === socket) this.keepAsking();
      });
    }, BEAT_MS);
  }

  private lost(): void {
    clearTimeout(this.beat);
    this.socket = null;
    for (const waiting of this.waiting.values())
      waiting.reject(new RpcError("connection lost", 0, "no-connection", null));
    this.waiting.clear();
    if (this.isOver) return;
    this.listener.line("lost");
    setTimeout(() => this.open(), this.delayMs * (0.5 + Math.random()));
    this.delayMs = Math.min(this.delayMs * 2, LAST_DELAY_MS);
  }
}
