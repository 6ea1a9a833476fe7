import { useEffect, useRef } from "preact/hooks";

// A stream of pictures without its sound, which comes by a way of its own.
export function Picture({ stream, label, mirrored }: { stream: MediaStream; label: string; mirrored?: boolean }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (!video.current) return;
    video.current.srcObject = stream;
    void video.current.play().catch(() => undefined);
  }, [stream]);
  return <video ref={video} class={mirrored ? "mirrored" : ""} aria-label={label} muted autoplay playsInline />;
}
