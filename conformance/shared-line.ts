import type { HdlcLine } from "./hdlc-connection.js";

/** Opens the declared line, e.g. a serial port. */
export type OpenLine = (line: { readonly path: string; readonly baudRate: number }) => Promise<HdlcLine>;

type Listener = Parameters<HdlcLine["listen"]>[0];

/** One line for connections that follow each other: who takes it ends the one before. */
export interface SharedLine {
  take(): HdlcLine;
  close(): Promise<void>;
}

export function shareLine(line: HdlcLine): SharedLine {
  let current: Listener | undefined;
  let lostFor: string | undefined;
  line.listen({
    received: (bytes) => current?.received(bytes),
    closed(cause) {
      lostFor = cause ?? "the line was closed";
      current?.closed(lostFor);
    },
  });
  return {
    take() {
      let own: Listener | undefined;
      current?.closed("another connection has taken the line");
      current = undefined;
      return {
        listen(listener) {
          own = listener;
          current = listener;
          if (lostFor !== undefined) listener.closed(lostFor);
        },
        async write(bytes) {
          if (own !== current) throw new Error("another connection has taken the line");
          await line.write(bytes);
        },
        async close() {
          if (own === current) current = undefined;
        },
      };
    },
    close: () => line.close(),
  };
}
