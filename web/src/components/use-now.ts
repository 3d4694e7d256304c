import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { gatewayQuery } from "../api/queries.js";
import { absoluteTime, zoneMinutes } from "../format/time.js";

/** The gateway's moment, again every `everyMs`; the browser's clock may be wrong. */
export function useNowMs(everyMs: number): number {
  const { data: gateway } = useQuery(gatewayQuery);
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now + (gateway?.skewMs ?? 0);
}

/** The gateway's date and time in its own zone; undefined until it is known. */
export function useGatewayNow(everyMs: number): string | undefined {
  const { data: gateway } = useQuery(gatewayQuery);
  const nowMs = useNowMs(everyMs);
  if (gateway === undefined) return undefined;
  const local = new Date(nowMs + zoneMinutes(gateway.now) * 60_000).toISOString().slice(0, 19);
  return absoluteTime(local + (/(Z|[+-]\d\d:\d\d)$/.exec(gateway.now)?.[0] ?? ""));
}
