// What everybody sees now, small beside who speaks; its sound comes by the page's player.
import { useEffect, useRef } from "preact/hooks";
import { program } from "../media";
import { t } from "../texts";

export function Program() {
  const video = useRef<HTMLVideoElement>(null);
  const stream = program.value;
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  if (!stream) return null;
  return <video ref={video} class="desk-program" autoplay muted playsInline aria-label={t().desk.program} />;
}
