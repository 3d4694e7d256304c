import { useEffect, useRef } from "react";
import type { Value } from "../../../src/views/rest/contract.js";
import { formatValue, unitText } from "../format/number.js";

/** A value with its unit; a change is shown by a short glow. */
export function ValueText({ value, className }: { readonly value: Value; readonly className?: string | undefined }) {
  const text = formatValue(value.value, value.scaler);
  const glow = useGlow(text);
  return (
    <span className={className}>
      <span ref={glow} className="number" data-address={value.address}>
        {text}
      </span>
      <span data-unit="">{unitText(value.unit)}</span>
    </span>
  );
}

/** Glows when `text` changes, not when it first appears. */
export function useGlow(text: string) {
  const element = useRef<HTMLSpanElement>(null);
  const shown = useRef(text);
  useEffect(() => {
    if (shown.current === text) return;
    shown.current = text;
    const span = element.current;
    if (span === null) return;
    span.classList.remove("fresh");
    // Reading the width makes the browser start the animation anew.
    void span.offsetWidth;
    span.classList.add("fresh");
  }, [text]);
  return element;
}
