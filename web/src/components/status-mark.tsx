import { Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Meter } from "../../../src/views/rest/contract.js";
import styles from "./status-mark.module.css";

type Tone = "good" | "bad" | "warn" | "calm";

/** How a meter does; `cause` is what the gateway says about it. */
export function meterState(meter: Meter): { tone: Tone; word: "ok" | "failed" | "check" | "waiting"; cause: string } {
  const { lastReadout, status } = meter;
  if (lastReadout === null) return { tone: "calm", word: "waiting", cause: "" };
  if (!lastReadout.ok) return { tone: "bad", word: "failed", cause: lastReadout.message };
  if (status !== "ok") return { tone: "warn", word: "check", cause: status };
  return { tone: "good", word: "ok", cause: lastReadout.message };
}

export function hasProblem(meter: Meter): boolean {
  const { word } = meterState(meter);
  return word === "failed" || word === "check";
}

const events = { hover: true, focus: true, touch: true };

export function StatusMark({ meter }: { readonly meter: Meter }) {
  const { t } = useTranslation();
  const { tone, word, cause } = meterState(meter);
  return (
    <Tooltip label={cause} disabled={cause === ""} events={events}>
      <span className={styles["mark"]} data-tone={tone}>
        {t(`status.${word}`)}
      </span>
    </Tooltip>
  );
}

/** Status of one value in the server's words. */
export function ValueStatus({ status }: { readonly status: string }) {
  const { t } = useTranslation();
  return (
    <span className={styles["mark"]} data-tone={status === "ok" ? "good" : "warn"}>
      {status === "ok" ? t("status.ok") : status}
    </span>
  );
}
