import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import type { Meter } from "../../../src/views/rest/contract.js";
import { eventsPath } from "./client.js";
import { meterQuery, metersQuery, objectsQuery } from "./queries.js";

export type Connection = "connecting" | "live" | "lost";

const ConnectionContext = createContext<Connection>("connecting");

/** State of the event stream. */
export function useConnection(): Connection {
  return useContext(ConnectionContext);
}

const retryMs = 5_000;

/** Listens to committed readouts and puts them into the query cache: pages show them without asking again. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const queryClient = useQueryClient();
  const [connection, setConnection] = useState<Connection>("connecting");

  useEffect(() => {
    let source: EventSource | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let wasLost = false;

    function receive(meter: Meter): void {
      const list = queryClient.getQueryData(metersQuery.queryKey);
      const isListed = list?.meters.some(({ sap }) => sap === meter.sap) ?? false;
      if (isListed) {
        queryClient.setQueryData(metersQuery.queryKey, (old) =>
          old === undefined
            ? old
            : { ...old, meters: old.meters.map((known) => (known.sap === meter.sap ? meter : known)) },
        );
      } else void queryClient.invalidateQueries({ queryKey: metersQuery.queryKey });
      queryClient.setQueryData(meterQuery(meter.device).queryKey, meter);
      void queryClient.invalidateQueries({ queryKey: objectsQuery(meter.device).queryKey });
      void queryClient.invalidateQueries({ queryKey: ["history", meter.device] });
    }

    function open(): void {
      source = new EventSource(eventsPath);
      source.addEventListener("open", () => {
        setConnection("live");
        if (wasLost) void queryClient.invalidateQueries();
        wasLost = false;
      });
      source.addEventListener("meter", ({ data }: MessageEvent<string>) => receive(JSON.parse(data) as Meter));
      source.addEventListener("resynchronise", () => void queryClient.invalidateQueries());
      source.addEventListener("error", () => {
        wasLost = true;
        setConnection("lost");
        // The browser tries again by itself, unless the gateway refused.
        if (source?.readyState === EventSource.CLOSED) retry = setTimeout(open, retryMs);
      });
    }

    open();
    return () => {
      clearTimeout(retry);
      source?.close();
    };
  }, [queryClient]);

  return <ConnectionContext value={connection}>{children}</ConnectionContext>;
}
