import { Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { absoluteTime, relativeTime } from "../format/time.js";
import { useNowMs } from "./use-now.js";

const events = { hover: true, focus: true, touch: true };

/** `2 min. ago`, with date, time and zone on hover. */
export function TimeText({ time }: { readonly time: string }) {
  const { i18n } = useTranslation();
  const nowMs = useNowMs(5_000);
  return (
    <Tooltip label={absoluteTime(time)} events={events}>
      <time dateTime={time}>{relativeTime(time, nowMs, i18n.language)}</time>
    </Tooltip>
  );
}
