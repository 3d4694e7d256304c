import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Meter } from "../../../src/views/rest/contract.js";
import { ApiFailure } from "../api/client.js";
import { meterQuery, objectsQuery } from "../api/queries.js";
import { CopyText } from "../components/copy-text.js";
import { BackIcon } from "../components/icons.js";
import { MediumIcon } from "../components/medium-icon.js";
import { Failed, Loading, Message } from "../components/page-states.js";
import { StatusMark } from "../components/status-mark.js";
import { TimeText } from "../components/time-text.js";
import { absoluteTime } from "../format/time.js";
import styles from "./meter.module.css";
import { MeterHistory } from "./meter-history.js";
import { MeterObjects } from "./meter-objects.js";

const route = getRouteApi("/meters/$device");

/** One meter: what it is, its history, all its objects. */
export function MeterPage() {
  const { t } = useTranslation();
  const { device } = route.useParams();
  const meter = useQuery(meterQuery(device));
  const objects = useQuery(objectsQuery(device));
  return (
    <>
      <Link to="/" className={styles["back"] ?? ""}>
        <BackIcon />
        {t("app.meters")}
      </Link>
      {meter.isPending && <Loading rows={2} height={80} />}
      {meter.isError && meter.data === undefined && isMissing(meter.error) && (
        <Message
          title={t("meter.none")}
          hint={t("meter.noneHint", { device })}
          action={<Link to="/">{t("state.toMeters")}</Link>}
        />
      )}
      {meter.isError && meter.data === undefined && !isMissing(meter.error) && (
        <Failed error={meter.error} onRetry={() => void meter.refetch()} />
      )}
      {meter.data !== undefined && <Heading meter={meter.data} />}
      {meter.data !== undefined && objects.isPending && <Loading rows={6} />}
      {meter.data !== undefined && objects.data === undefined && objects.isError && (
        <Failed error={objects.error} onRetry={() => void objects.refetch()} />
      )}
      {meter.data !== undefined && objects.data !== undefined && (
        <>
          {meter.data.readAt === null ? (
            <Message title={t("meter.notYet")} hint={t("meter.notYetHint")} />
          ) : (
            <MeterHistory key={device} meter={meter.data} objects={objects.data} />
          )}
          <MeterObjects objects={objects.data} />
        </>
      )}
    </>
  );
}

const isMissing = (error: Error) => error instanceof ApiFailure && error.status === 404;

function Heading({ meter }: { readonly meter: Meter }) {
  const { t } = useTranslation();
  const { lastReadout, readAt } = meter;
  return (
    <>
      <div className={styles["head"]}>
        <MediumIcon medium={meter.medium} />
        <div>
          <h1 className={styles["title"]}>
            <span className="first-capital">{meter.mediumName ?? t("meter.unknownMedium")}</span>
          </h1>
          <p className={`${styles["subtitle"]} number`}>
            {meter.manufacturer} {meter.identification}
          </p>
        </div>
        <div className={styles["headState"]}>
          <StatusMark meter={meter} />
        </div>
      </div>
      {lastReadout !== null && !lastReadout.ok && (
        <div className={styles["alert"]} role="status">
          <strong>{t("meter.failedReadout")}</strong> (<TimeText time={lastReadout.at} />
          ): {lastReadout.message}
        </div>
      )}
      {lastReadout?.ok === true && meter.status !== "ok" && (
        <div className={`${styles["alert"]} ${styles["attention"]}`} role="status">
          <strong>{t("meter.ownStatus")}</strong>: {meter.status}
        </div>
      )}
      <dl className={styles["facts"]}>
        <Fact name={t("meter.place")}>{meter.position === "" ? "–" : meter.position}</Fact>
        <Fact name={t("meter.lastRead")}>
          {readAt === null ? (
            "–"
          ) : (
            <>
              <TimeText time={readAt} /> <span className={`${styles["soft"]} number`}>{absoluteTime(readAt)}</span>
            </>
          )}
        </Fact>
        <Fact name={t("meter.device")}>
          <CopyText text={meter.device} />
        </Fact>
        <Fact name={t("meter.bus")}>{meter.interfaceName}</Fact>
        <Fact name={t("meter.reading")}>
          <span className="number">{meter.readingNumber ?? "–"}</span>
        </Fact>
      </dl>
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
