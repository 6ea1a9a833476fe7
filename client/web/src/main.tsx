import { signal } from "@preact/signals";
import type { FunctionComponent } from "preact";
import { render } from "preact";
import { Entrance } from "./components/Entrance";
import type { Role } from "./protocol";
import { checkLink, entrance, role } from "./room";
import { language } from "./texts";

type Page = FunctionComponent;

// Each desk is a bundle of its own: a room with a poor line loads nothing of the others.
const desks: Record<Role, () => Promise<Page>> = {
  chair: async () => (await import("./chair/ChairDesk")).ChairDesk,
  secretary: async () => (await import("./secretary/SecretaryDesk")).SecretaryDesk,
  operator: async () => (await import("./operator/OperatorDesk")).OperatorDesk,
  site: async () => (await import("./room-page/RoomPage")).RoomPage,
  observer: async () => (await import("./room-page/RoomPage")).RoomPage,
};

const desk = signal<{ page: Page } | null>(null);

async function loadDesk(): Promise<void> {
  const page = await desks[role.value]();
  desk.value = { page };
}

function App() {
  if (entrance.value !== "inside") return <Entrance />;
  const Desk = desk.value?.page;
  if (Desk) return <Desk />;
  void loadDesk();
  return null;
}

async function start(): Promise<void> {
  document.documentElement.lang = language.value;
  const place = document.getElementById("app");
  if (!place) return;
  render(<App />, place);
  await checkLink();
}

void start();
