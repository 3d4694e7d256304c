import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CheckIcon, CopyIcon } from "./icons.js";

/** Text in a fixed-width face with a button that copies it, or more of it. */
export function CopyText({ text, copies = text }: { readonly text: string; readonly copies?: string }) {
  const { t } = useTranslation();
  return (
    <span style={{ display: "inline-flex", alignItems: "center", gap: 4 }}>
      <code style={{ fontFamily: "var(--mantine-font-family-monospace)", fontSize: "0.85em" }}>{text}</code>
      <CopyButton value={copies} timeout={1_500}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? t("copy.copied") : t("copy.copy", { text: copies })}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={copied ? t("copy.copied") : t("copy.copy", { text: copies })}
              onClick={copy}
            >
              {copied ? <CheckIcon /> : <CopyIcon />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </span>
  );
}
