import { NativeSelect, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Meter, ObjectSummary } from "../../../src/views/rest/contract.js";
import { type ColumnHistory, maxHistoryRows } from "../api/client.js";
import { historyQuery, type Range, ranges } from "../api/queries.js";
import { HistoryChart } from "../chart/history-chart.js";
import { Failed, Loading, Message } from "../components/page-states.js";
import { formatValue, unitText } from "../format/number.js";
import { absoluteTime } from "../format/time.js";
import styles from "./meter.module.css";
import own from "./meter-history.module.css";

const route = getRouteApi("/meters/$device");
const registerClasses: ReadonlySet<number> = new Set([3, 4]);

export interface Point {
  readonly time: string;
  readonly value: number | string;
}

/** One value of the meter over time; newer readings are added as they come. */
export function MeterHistory(props: { readonly meter: Meter; readonly objects: readonly ObjectSummary[] }) {
  const { t } = useTranslation();
  const { meter } = props;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const choices = props.objects.filter(({ classId, value }) => registerClasses.has(classId) && value !== null);
  const main = meter.values[0]?.address.split("/")[1];
  const chosen = choices.find((object) => obisOf(object) === (search.value ?? main)) ?? choices[0];
  const range: Range = search.range ?? "day";
  const [openedAt] = useState(meter.readAt ?? "");
  const history = useQuery(historyQuery(meter.device, chosen === undefined ? "" : obisOf(chosen), range, openedAt));
  const points = useMemo(() => pointsOf(history.data), [history.data]);
  if (chosen === undefined) return null;

  return (
    <section className={styles["section"]} aria-labelledby="history">
      <div className={styles["sectionHead"]}>
        <h2 id="history" className={styles["sectionTitle"]}>
          {t("history.title")}
        </h2>
        <div className={styles["controls"]}>
          <NativeSelect
            aria-label={t("history.column")}
            value={obisOf(chosen)}
            data={choices.map((object) => ({ value: obisOf(object), label: choiceLabel(object) }))}
            onChange={({ currentTarget: { value } }) =>
              void navigate({ search: (old) => ({ ...old, value }), replace: true })
            }
          />
          <SegmentedControl
            aria-label={t("history.range")}
            value={range}
            data={ranges.map((name) => ({ value: name, label: t(`history.${name}`) }))}
            onChange={(name) => void navigate({ search: (old) => ({ ...old, range: name as Range }), replace: true })}
          />
        </div>
      </div>
      {history.isPending && (
        <div className={own["state"]}>
          <Loading rows={1} height={260} />
        </div>
      )}
      {history.isError && history.data === undefined && (
        <div className={own["state"]}>
          <Failed error={history.error} onRetry={() => void history.refetch()} />
        </div>
      )}
      {history.data !== undefined && points.length === 0 && (
        <div className={own["state"]}>
          <Message title={t("history.empty")} hint={t("history.emptyHint")} />
        </div>
      )}
      {history.data !== undefined && points.length > 0 && (
        <Plot points={points} object={chosen} range={range} isTruncated={history.data.isTruncated} />
      )}
    </section>
  );
}

function Plot(props: {
  readonly points: readonly Point[];
  readonly object: ObjectSummary;
  readonly range: Range;
  readonly isTruncated: boolean;
}) {
  const { t } = useTranslation();
  const { points, object, range } = props;
  const unit = unitText(object.value?.unit ?? "");
  const scaler = object.value?.scaler ?? 0;
  const [lowest, highest] = useMemo(() => extremes(points), [points]);
  const newest = points.at(-1);
  if (newest === undefined) return null;
  const text = (point: Point) => formatValue(point.value, scaler);
  const name = capital(object.description);
  const label = t("history.chart", {
    name,
    range: t(`history.${range}`),
    count: points.length,
    lowest: `${text(lowest ?? newest)} ${unit}`,
    highest: `${text(highest ?? newest)} ${unit}`,
    newest: `${text(newest)} ${unit}`,
  });
  return (
    <>
      <dl className={own["figures"]}>
        {(
          [
            ["newest", newest],
            ["lowest", lowest],
            ["highest", highest],
          ] as const
        ).map(([key, point]) => (
          <div key={key}>
            <dt>{t(`history.${key}`)}</dt>
            <dd title={point === undefined ? "" : absoluteTime(point.time)}>
              <span className="number">{text(point ?? newest)}</span> <span data-unit="">{unit}</span>
            </dd>
          </div>
        ))}
        <div>
          <dt>{t(`history.${range}`)}</dt>
          <dd>
            <span className="number">{t("history.count", { count: points.length })}</span>
          </dd>
        </div>
      </dl>
      {props.isTruncated && <p className={own["note"]}>{t("history.truncated", { count: maxHistoryRows })}</p>}
      <div className={own["chart"]}>
        <HistoryChart points={points} label={label} name={name} unit={unit} scaler={scaler} />
      </div>
      <details className={own["details"]}>
        <summary>{t("history.table")}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <section className={own["scroll"]} tabIndex={0} aria-label={t("history.table")}>
          <table>
            <tbody>
              {points
                .slice(-100)
                .reverse()
                .map((point) => (
                  <tr key={point.time}>
                    <td className="number">{absoluteTime(point.time)}</td>
                    <td className="number">
                      {text(point)} {unit}
                    </td>
                  </tr>
                ))}
            </tbody>
          </table>
        </section>
      </details>
    </>
  );
}

/** Readings that have the value. */
function pointsOf(history: ColumnHistory | undefined): readonly Point[] {
  return (history?.rows ?? []).flatMap(({ time, value }) => (value === null ? [] : [{ time, value }]));
}

/** The OBIS code as addresses write it, with its class where two objects share it. */
function obisOf({ address }: ObjectSummary): string {
  return address.slice(address.indexOf("/") + 1);
}

function choiceLabel({ description, value }: ObjectSummary): string {
  const unit = value?.unit ?? "";
  return unit === "" ? capital(description) : `${capital(description)} (${unitText(unit)})`;
}

function extremes(points: readonly Point[]): readonly [Point | undefined, Point | undefined] {
  let [lowest] = points;
  let [highest] = points;
  for (const point of points) {
    if (lowest === undefined || Number(point.value) < Number(lowest.value)) lowest = point;
    if (highest === undefined || Number(point.value) > Number(highest.value)) highest = point;
  }
  return [lowest, highest];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
