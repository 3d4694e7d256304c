import { Button, Skeleton, Stack, VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiFailure } from "../api/client.js";
import styles from "./page-states.module.css";

/** While something is fetched for the first time. */
export function Loading({ rows = 6, height = 56 }: { readonly rows?: number; readonly height?: number }) {
  const { t } = useTranslation();
  return (
    <output aria-busy="true">
      <VisuallyHidden>{t("state.loading")}</VisuallyHidden>
      <Stack gap="xs">
        {Array.from({ length: rows }, (_, row) => `row${row}`).map((key) => (
          <Skeleton key={key} height={height} radius="md" />
        ))}
      </Stack>
    </output>
  );
}

/** Nothing to show, and what to do about it. */
export function Message({
  title,
  hint,
  action,
}: {
  readonly title: string;
  readonly hint?: string;
  readonly action?: ReactNode;
}) {
  return (
    <div className={styles["card"]}>
      <p className={styles["title"]}>{title}</p>
      {hint !== undefined && <p className={styles["hint"]}>{hint}</p>}
      {action !== undefined && <div className={styles["action"]}>{action}</div>}
    </div>
  );
}

/** A call failed: the gateway's own words, and a way on. */
export function Failed({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) {
  const { t } = useTranslation();
  const isSilent = !(error instanceof ApiFailure) || error.status === 0;
  return (
    <div role="alert">
      <Message
        title={t("state.failed")}
        hint={isSilent ? t("state.noConnection") : error.message}
        action={
          <Button variant="default" onClick={onRetry}>
            {t("state.retry")}
          </Button>
        }
      />
    </div>
  );
}
