import { computed, signal } from "@preact/signals";
import type { FunctionComponent } from "preact";
import { render } from "preact";
import { Entrance } from "./components/Entrance";
import type { Role } from "./protocol";
import { chairs, checkLink, entrance, role } from "./room";
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

const desk = signal<{ name: Role; page: Page } | null>(null);

// A room that stands in for the chair, or was handed the meeting, gets the chair's desk meanwhile.
const wanted = computed<Role>(() => (chairs.value ? "chair" : role.value));

async function loadDesk(name: Role): Promise<void> {
  const page = await desks[name]();
  desk.value = { name, page };
}

function App() {
  if (entrance.value !== "inside") return <Entrance />;
  const Desk = desk.value?.page;
  if (desk.value?.name !== wanted.value) void loadDesk(wanted.value);
  return Desk ? <Desk /> : null;
}

async function start(): Promise<void> {
  document.documentElement.lang = language.value;
  const place = document.getElementById("app");
  if (!place) return;
  if (location.pathname === "/admin") {
    const { AdminPage } = await import("./admin/AdminPage");
    render(<AdminPage />, place);
    return;
  }
  render(<App />, place);
  await checkLink();
}

void start();
