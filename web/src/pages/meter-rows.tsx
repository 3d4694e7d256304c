import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Meter, Value } from "../../../src/views/rest/contract.js";
import { MediumIcon } from "../components/medium-icon.js";
import { StatusMark } from "../components/status-mark.js";
import { TimeText } from "../components/time-text.js";
import { ValueText } from "../components/value-text.js";
import { clockTime } from "../format/time.js";
import styles from "./meter-list.module.css";

type Column = "meter" | "position" | "read";
interface Order {
  readonly column: Column;
  readonly isDescending: boolean;
}

const keys: Readonly<Record<Column, (meter: Meter) => string | number>> = {
  meter: ({ mediumName, device }) => `${mediumName ?? ""} ${device}`,
  position: ({ position }) => position.toLowerCase(),
  read: ({ readAt }) => (readAt === null ? 0 : Date.parse(readAt)),
};

function sorted(meters: readonly Meter[], order: Order | undefined): readonly Meter[] {
  if (order === undefined) return meters;
  const key = keys[order.column];
  const sign = order.isDescending ? -1 : 1;
  return [...meters].sort((left, right) => {
    const [a, b] = [key(left), key(right)];
    return a === b ? 0 : a < b ? -sign : sign;
  });
}

/** Wide screens: one line a meter. */
export function MeterTable({ meters }: { readonly meters: readonly Meter[] }) {
  const { t } = useTranslation();
  const [order, setOrder] = useState<Order>();
  const head = (column: Column, label: string) => {
    const isSorted = order?.column === column;
    const direction = order?.isDescending === true ? "descending" : "ascending";
    const next = isSorted ? { column, isDescending: !order.isDescending } : { column, isDescending: false };
    return (
      <th scope="col" aria-sort={isSorted ? direction : "none"}>
        <button type="button" className={styles["sort"]} onClick={() => setOrder(next)}>
          {label} {isSorted ? (direction === "descending" ? "↓" : "↑") : ""}
        </button>
      </th>
    );
  };
  return (
    <div className={styles["frame"]}>
      <table className={styles["table"]}>
        <thead>
          <tr>
            {head("meter", t("list.meter"))}
            {head("position", t("list.position"))}
            <th scope="col" className={styles["end"]}>
              {t("list.value")}
            </th>
            <th scope="col">{t("list.others")}</th>
            {head("read", t("list.read"))}
            <th scope="col">{t("list.status")}</th>
          </tr>
        </thead>
        <tbody>
          {sorted(meters, order).map((meter) => (
            <tr key={meter.sap} data-device={meter.device}>
              <td>
                <MeterName meter={meter} />
              </td>
              <td>{meter.position === "" ? <span className={styles["sub"]}>–</span> : meter.position}</td>
              <td className={styles["end"]}>
                <MainValue value={meter.values[0]} />
              </td>
              <td>
                <OtherValues values={meter.values.slice(1)} />
              </td>
              <td>
                <ReadTime meter={meter} />
              </td>
              <td className={styles["state"]}>
                <StatusMark meter={meter} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Phones: one card a meter. */
export function MeterCards({ meters }: { readonly meters: readonly Meter[] }) {
  return (
    <ul className={styles["cards"]}>
      {meters.map((meter) => (
        <li key={meter.sap} className={styles["card"]} data-device={meter.device}>
          <div className={styles["cardTop"]}>
            <MeterName meter={meter} />
            <StatusMark meter={meter} />
          </div>
          <div className={styles["cardMain"]}>
            <span className={`${styles["sub"]} first-capital`}>{meter.values[0]?.description}</span>
            <MainValue value={meter.values[0]} isBare />
          </div>
          <OtherValues values={meter.values.slice(1)} />
          <div className={styles["cardFoot"]}>
            <span className={styles["sub"]}>{meter.position}</span>
            <span className={styles["sub"]}>{meter.readAt !== null && <TimeText time={meter.readAt} />}</span>
          </div>
        </li>
      ))}
    </ul>
  );
}

function MeterName({ meter }: { readonly meter: Meter }) {
  const { t } = useTranslation();
  const name = meter.mediumName ?? t("meter.unknownMedium");
  return (
    <div className={styles["meter"]}>
      <MediumIcon medium={meter.medium} />
      <div className={styles["cardName"]}>
        <Link to="/meters/$device" params={{ device: meter.device }} className={styles["link"] ?? ""}>
          <span className="first-capital">{name}</span>
        </Link>
        <div className={`${styles["sub"]} number`}>
          {meter.identification === null ? meter.device : `${meter.manufacturer ?? ""} ${meter.identification}`}
        </div>
      </div>
    </div>
  );
}

function MainValue({ value, isBare = false }: { readonly value: Value | undefined; readonly isBare?: boolean }) {
  const { t } = useTranslation();
  if (value === undefined) return <span className={styles["sub"]}>{t("list.neverRead")}</span>;
  return (
    <>
      <ValueText value={value} className={styles["main"]} />
      {!isBare && <div className={`${styles["sub"]} ${styles["what"]} first-capital`}>{value.description}</div>}
    </>
  );
}

function OtherValues({ values }: { readonly values: readonly Value[] }) {
  if (values.length === 0) return null;
  return (
    <dl className={styles["others"]}>
      {values.map((value) => (
        <div key={value.address} style={{ display: "contents" }}>
          <dt className="first-capital" title={value.description}>
            {value.description}
          </dt>
          <dd>
            <ValueText value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function ReadTime({ meter }: { readonly meter: Meter }) {
  const { t } = useTranslation();
  if (meter.readAt === null) return <span className={styles["sub"]}>{t("list.neverRead")}</span>;
  return (
    <div className={styles["time"]}>
      <TimeText time={meter.readAt} />
      <div className={`${styles["sub"]} number`}>{clockTime(meter.readAt)}</div>
    </div>
  );
}
