import { ActionIcon, Tooltip, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { docsPath } from "../api/client.js";
import { useConnection } from "../api/live.js";
import { gatewayQuery } from "../api/queries.js";
import { GatewayMark, MoonIcon, SunIcon } from "./icons.js";
import styles from "./layout.module.css";
import { LogOutButton } from "./login-gate.js";
import { useGatewayNow } from "./use-now.js";

/** Header with the gateway's name, time and connection; the page below it. */
export function Layout() {
  const { t } = useTranslation();
  const { data: gateway } = useQuery(gatewayQuery);
  const name = gateway?.productName ?? t("app.title");
  useEffect(() => {
    document.title = name;
  }, [name]);
  return (
    <>
      <a className={styles["skip"]} href="#content">
        {t("app.skip")}
      </a>
      <header className={styles["bar"]}>
        <div className={styles["inner"]}>
          <Link to="/" className={styles["brand"] ?? ""}>
            <GatewayMark className={styles["mark"]} />
            <div>
              <div className={styles["name"]}>{name}</div>
              <div className={styles["serial"]}>{gateway?.device ?? "\u00a0"}</div>
            </div>
          </Link>
          <div className={styles["right"]}>
            <GatewayTime />
            <ConnectionState />
            <SchemeToggle />
            <LogOutButton />
          </div>
        </div>
      </header>
      {gateway !== undefined && gateway.notices.length > 0 && (
        <section className={styles["notices"]} aria-label={t("gateway.notices")}>
          {gateway.notices.map((notice) => (
            <p key={notice} className={styles["notice"]}>
              {notice}
            </p>
          ))}
        </section>
      )}
      <main id="content" className={styles["main"]} tabIndex={-1}>
        <Outlet />
      </main>
      <footer className={styles["footer"]}>
        <span>
          {name} {gateway?.version}
        </span>
        {gateway?.doors.map(({ name: door, port }) => (
          <span key={`${door}${port}`}>
            {door} {port}
          </span>
        ))}
        <a href={docsPath}>{t("app.docs")}</a>
      </footer>
    </>
  );
}

function GatewayTime() {
  const { t } = useTranslation();
  const now = useGatewayNow(1_000);
  if (now === undefined) return null;
  return (
    <div className={styles["time"]}>
      <div className={styles["label"]}>{t("gateway.time")}</div>
      <div className={`${styles["clock"]} number`}>{now}</div>
    </div>
  );
}

function ConnectionState() {
  const { t } = useTranslation();
  const connection = useConnection();
  return (
    <Tooltip label={t(connection === "live" ? "connection.liveHint" : "connection.lostHint")} events={hints}>
      <output className={styles["connection"]} data-state={connection} aria-live="polite">
        <span className={styles["dot"]} aria-hidden="true" />
        {t(`connection.${connection}`)}
      </output>
    </Tooltip>
  );
}

const hints = { hover: true, focus: true, touch: true };

function SchemeToggle() {
  const { t } = useTranslation();
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme("light") === "dark";
  const label = t(isDark ? "scheme.toLight" : "scheme.toDark");
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="default"
        size="lg"
        radius="xl"
        aria-label={label}
        onClick={() => setColorScheme(isDark ? "light" : "dark")}
      >
        {isDark ? <SunIcon /> : <MoonIcon />}
      </ActionIcon>
    </Tooltip>
  );
}
