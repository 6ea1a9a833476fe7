// A sheet of the join links to print and hand out: a card a room, with its QR code.
import qrcode from "qrcode-generator";
import { t } from "../texts";
import type { Link } from "./api";

const QUIET = 4; // modules of white around, ISO/IEC 18004

// The dark modules as one path, a unit a module.
export function qrPath(text: string): { path: string; size: number } {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const count = code.getModuleCount();
  let path = "";
  for (let row = 0; row < count; row++)
    for (let column = 0; column < count; column++)
      if (code.isDark(row, column)) path += `M${column + QUIET} ${row + QUIET}h1v1h-1z`;
  return { path, size: count + 2 * QUIET };
}

function Card({ title, link }: { title: string; link: Link }) {
  const text = t().admin;
  const { path, size } = qrPath(link.url ?? "");
  return (
    <li class="link-card">
      <svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label={`${text.qrOf} ${link.name ?? ""}`} shape-rendering="crispEdges">
        <rect width={size} height={size} fill="#fff" />
        <path d={path} fill="#000" />
      </svg>
      <div>
        <p class="link-card-room"><bdi>{link.name}</bdi></p>
        <p><bdi>{title}</bdi></p>
        <p class="link-card-url">{link.url}</p>
        <p class="muted">{text.cardHelp}</p>
      </div>
    </li>
  );
}

export function Sheet({ title, cards, onClose }: { title: string; cards: Link[]; onClose: () => void }) {
  const text = t().admin;
  return (
    <div class="sheet">
      <div class="row no-print">
        <button class="primary" onClick={() => window.print()}>{text.print}</button>
        <button onClick={onClose}>{text.back}</button>
        <p class="muted">{text.sheetHelp}</p>
      </div>
      <ul class="link-cards">{cards.map((link) => <Card key={link.link} title={title} link={link} />)}</ul>
    </div>
  );
}
