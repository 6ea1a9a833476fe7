import { render } from "preact";
import { Entrance } from "./components/Entrance";
import { RoomPage } from "./components/RoomPage";
import { checkLink, entrance } from "./room";
import { language } from "./texts";

function App() {
  return entrance.value === "inside" ? <RoomPage /> : <Entrance />;
}

document.documentElement.lang = language.value;
const place = document.getElementById("app");
if (place) render(<App />, place);
void checkLink();
