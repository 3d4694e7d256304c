import { useMediaQuery } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import type { ObjectSummary, Value } from "../../../src/views/rest/contract.js";
import { CopyText } from "../components/copy-text.js";
import { ValueStatus } from "../components/status-mark.js";
import { TimeText } from "../components/time-text.js";
import { useGlow } from "../components/value-text.js";
import { formatValue, unitText } from "../format/number.js";
import { absoluteTime } from "../format/time.js";
import styles from "./meter.module.css";

const registerClasses: ReadonlySet<number> = new Set([3, 4]);

/** All objects of a meter in words: measured values first, the rest below. */
export function MeterObjects({ objects }: { readonly objects: readonly ObjectSummary[] }) {
  const { t } = useTranslation();
  const isNarrow = useMediaQuery("(max-width: 860px)", undefined, { getInitialValueInEffect: false });
  const values = objects.filter(({ classId }) => registerClasses.has(classId));
  const others = objects.filter(({ classId }) => !registerClasses.has(classId));
  const List = isNarrow ? ObjectCards : ObjectTable;
  return (
    <>
      {values.length > 0 && (
        <section className={styles["section"]} aria-labelledby="values">
          <div className={styles["sectionHead"]}>
            <h2 id="values" className={styles["sectionTitle"]}>
              {t("meter.values")}
            </h2>
          </div>
          <List objects={values} />
        </section>
      )}
      {others.length > 0 && (
        <section className={styles["section"]} aria-labelledby="others">
          <div className={styles["sectionHead"]}>
            <h2 id="others" className={styles["sectionTitle"]}>
              {t("meter.details")}
            </h2>
          </div>
          {isNarrow ? <ObjectCards objects={others} /> : <PlainTable objects={others} />}
        </section>
      )}
    </>
  );
}

function ObjectTable({ objects }: { readonly objects: readonly ObjectSummary[] }) {
  const { t } = useTranslation();
  return (
    <table className={styles["table"]}>
      <thead>
        <tr>
          <th scope="col">{t("meter.description")}</th>
          <th scope="col" className={styles["end"]}>
            {t("meter.value")}
          </th>
          <th scope="col">{t("meter.unit")}</th>
          <th scope="col">{t("meter.obis")}</th>
          <th scope="col">{t("meter.time")}</th>
          <th scope="col">{t("meter.status")}</th>
        </tr>
      </thead>
      <tbody>
        {objects.map((object) => (
          <tr key={`${object.classId}:${object.logicalName}`}>
            <td>
              <What object={object} />
            </td>
            <td className={styles["value"]}>
              <Shown object={object} />
            </td>
            <td className={styles["unit"]}>{unitText(object.value?.unit ?? "")}</td>
            <td>
              <CopyText text={object.logicalName} copies={object.address} />
            </td>
            <td className={styles["soft"]}>
              {object.value?.time !== undefined && object.value.time !== null && <TimeText time={object.value.time} />}
            </td>
            <td>{object.value !== null && <ValueStatus status={object.value.status} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Objects that are no measurements: text, clocks, profiles. */
function PlainTable({ objects }: { readonly objects: readonly ObjectSummary[] }) {
  const { t } = useTranslation();
  return (
    <table className={styles["table"]}>
      <thead>
        <tr>
          <th scope="col">{t("meter.description")}</th>
          <th scope="col">{t("meter.value")}</th>
          <th scope="col">{t("meter.obis")}</th>
          <th scope="col">{t("meter.className")}</th>
        </tr>
      </thead>
      <tbody>
        {objects.map((object) => (
          <tr key={`${object.classId}:${object.logicalName}`}>
            <td>
              <What object={object} />
            </td>
            <td>
              <Shown object={object} />
            </td>
            <td>
              <CopyText text={object.logicalName} copies={object.address} />
            </td>
            <td className={styles["soft"]}>{object.className}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ObjectCards({ objects }: { readonly objects: readonly ObjectSummary[] }) {
  return (
    <ul className={styles["objects"]}>
      {objects.map((object) => (
        <li key={`${object.classId}:${object.logicalName}`} className={styles["object"]}>
          <div className={styles["objectTop"]}>
            <span>
              <What object={object} />
            </span>
            <span className={styles["text"]}>
              <Shown object={object} /> <span className={styles["soft"]}>{unitText(object.value?.unit ?? "")}</span>
            </span>
          </div>
          <div className={styles["objectFoot"]}>
            <span className={styles["soft"]}>
              <CopyText text={object.logicalName} copies={object.address} />
            </span>
            {object.value !== null && object.value.status !== "ok" && <ValueStatus status={object.value.status} />}
            {object.value === null && <span className={styles["soft"]}>{object.className}</span>}
          </div>
        </li>
      ))}
    </ul>
  );
}

function What({ object }: { readonly object: ObjectSummary }) {
  const { t } = useTranslation();
  return (
    <>
      <span className="first-capital">{object.description}</span>
      {object.value?.unmapped === true && (
        <span className={styles["tag"]} title={t("meter.unmappedHint")}>
          {t("meter.unmapped")}
        </span>
      )}
    </>
  );
}

function Shown({ object }: { readonly object: ObjectSummary }) {
  const { value } = object;
  const text = value === null ? "" : shownText(value);
  const glow = useGlow(text);
  if (value === null) return null;
  const isNumber = typeof value.value === "number" || value.unit !== "";
  return (
    <span ref={glow} className={isNumber ? "number" : styles["text"]} data-address={value.address}>
      {text}
    </span>
  );
}

/** Numbers without unit are codes and serial numbers: as they are; times are written out. */
function shownText({ value, unit, scaler }: Value): string {
  if (value === null || unit !== "") return formatValue(value, scaler);
  return typeof value === "number" ? String(value) : absoluteTime(value);
}
