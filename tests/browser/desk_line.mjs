// A signed-in WebSocket without a page: what the tests command and hear by themselves.
import { readFileSync } from "node:fs";
import path from "node:path";
import WebSocket from "ws";

const WAIT_MS = 20_000;

export class Line {
  // `link` is a join link of the server's.
  static async open(server, link) {
    const key = link.split("/").at(-1);
    const { token, meeting } = await server.post("/api/v1/join", { key });
    const line = new Line();
    Object.assign(line, { server, token, meeting, nextId: 1, waiting: new Map(), events: [], watchers: [] });
    await line.connect();
    return line;
  }

  async connect() {
    this.socket = new WebSocket(`${this.server.url.replace("https", "wss")}/api/v1/ws`, "nhipcau.v1", {
      ca: readFileSync(path.join(this.server.data, "tls/cert.pem")),
    });
    this.socket.on("message", (data) => this.take(JSON.parse(String(data))));
    this.socket.on("close", () => {
      for (const { method, reject } of this.waiting.values()) reject(new Error(`${method}: connection closed`));
      this.waiting.clear();
    });
    await new Promise((resolve, reject) => {
      this.socket.once("open", resolve);
      this.socket.once("error", reject);
    });
    this.hello = await this.call("session.hello", { token: this.token, client: "test", meeting: this.meeting });
  }

  take(message) {
    if (message.method === "event") {
      this.events.push(message.params);
      for (const watcher of [...this.watchers]) watcher(message.params);
      return;
    }
    if (message.method !== undefined) return;
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.error) waiting?.reject(new Error(`${waiting.method}: ${message.error.message}`));
    else waiting?.resolve(message.result);
  }

  call(method, params = {}) {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, method });
      this.socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    });
  }

  // The first event of a type that fits, among those that have come or will come.
  event(type, fits = () => true) {
    const known = this.events.find((event) => event.type === type && fits(event));
    if (known) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no event ${type}`)), WAIT_MS);
      const watcher = (event) => {
        if (event.type !== type || !fits(event)) return;
        clearTimeout(timer);
        this.watchers.splice(this.watchers.indexOf(watcher), 1);
        resolve(event);
      };
      this.watchers.push(watcher);
    });
  }

  async close() {
    this.socket.close();
    await new Promise((resolve) => this.socket.once("close", resolve));
  }
}
