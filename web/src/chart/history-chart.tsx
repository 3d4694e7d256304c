import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import { formatValue } from "../format/number.js";
import { absoluteTime, zoneMinutes } from "../format/time.js";
import styles from "./history-chart.module.css";

interface ChartPoint {
  readonly time: string;
  readonly value: number | string;
}

interface ChartProps {
  readonly points: readonly ChartPoint[];
  /** The chart in words, for those who cannot see it. */
  readonly label: string;
  readonly name: string;
  readonly unit: string;
  readonly scaler: number;
}

const height = 280;
/** Up to here each reading gets a dot. */
const fewPoints = 40;

/** A line of one value over time; arrows and pointer show single readings. */
export function HistoryChart({ points, label, name, unit, scaler }: ChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const newestPoints = useRef(points);
  newestPoints.current = points;
  const [index, setIndex] = useState<number>();
  const scheme = useComputedColorScheme("light");
  const zone = zoneMinutes(points.at(-1)?.time ?? "");

  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read from the page anew for each scheme
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const width = () => Math.max(200, element.clientWidth);
    const chart = new uPlot(
      options({ width: width(), zone, scaler, name }, setIndex),
      data(newestPoints.current),
      element,
    );
    plot.current = chart;
    const observer = new ResizeObserver(() => chart.setSize({ width: width(), height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = undefined;
    };
  }, [scheme, zone, scaler, name]);

  useEffect(() => {
    plot.current?.setData(data(points));
  }, [points]);

  const point = index === undefined ? undefined : points[index];
  return (
    <div className={styles["frame"]} ref={frame} role="img" aria-label={label}>
      {point !== undefined && (
        <div className={`${styles["readout"]} number`}>
          {absoluteTime(point.time)} · <strong>{formatValue(point.value, scaler)}</strong> {unit}
        </div>
      )}
    </div>
  );
}

function data(points: readonly ChartPoint[]): uPlot.AlignedData {
  return [points.map(({ time }) => Date.parse(time) / 1000), points.map(({ value }) => Number(value))];
}

interface Look {
  readonly width: number;
  readonly zone: number;
  readonly scaler: number;
  readonly name: string;
}

function options(look: Look, onPoint: (index: number | undefined) => void): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const axis = {
    stroke: colour("--ink-soft"),
    font,
    grid: { stroke: colour("--line-soft"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1, size: 5 },
  };
  return {
    width: look.width,
    height,
    legend: { show: false },
    // The gateway's zone, whatever the browser's is.
    tzDate: (seconds) => {
      const date = new Date(seconds * 1000);
      return new Date(seconds * 1000 + (look.zone + date.getTimezoneOffset()) * 60_000);
    },
    cursor: { y: false, points: { size: 8 }, drag: { x: false, y: false } },
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)] },
    scales: {
      x: { range: ({ data: [times] }) => timeRange(times[0] ?? 0, times.at(-1) ?? 0) },
      y: { range: (_chart, lowest, highest) => yRange(lowest, highest) },
    },
    axes: [
      { ...axis, values: timeLabels, space: 70 },
      {
        ...axis,
        size: (_chart, labels) => 22 + 7.2 * Math.max(3, ...(labels ?? []).map((text) => text.length)),
        values: (_chart, splits) => splits.map((split) => axisNumber(split, splits)),
      },
    ],
    series: [
      {},
      {
        label: look.name,
        stroke: colour("--accent"),
        width: 2,
        fill: `color-mix(in srgb, ${colour("--accent")} 9%, transparent)`,
        points: { show: (chart) => chart.data[0].length <= fewPoints, size: 6 },
        spanGaps: true,
      },
    ],
  };
}

const shortestSpan = 1800;

/** At least half an hour, so that the first readings do not stretch over the whole chart. */
function timeRange(first: number, last: number): [number, number] {
  const room = Math.max(0, shortestSpan - (last - first)) / 2;
  return [first - room, last + room];
}

/** uPlot's table of tick formats, by distance of ticks in seconds, in 24 hours. */
const timeLabels: uPlot.Axis.Values = [
  [31_536_000, "{YYYY}", null, null, null, null, null, null, 1],
  [2_419_200, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [86_400, "{D} {MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [60, "{HH}:{mm}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
];

/** Room above and below, and a height also where the value never changed. */
function yRange(lowest: number, highest: number): [number, number] {
  if (!Number.isFinite(lowest) || !Number.isFinite(highest)) return [0, 1];
  const room = highest === lowest ? Math.max(Math.abs(highest) * 0.01, 1) : (highest - lowest) * 0.08;
  const bottom = lowest - room;
  return [lowest >= 0 && bottom < 0 ? 0 : bottom, highest + room];
}

function axisNumber(split: number, splits: readonly number[]): string {
  const [first = 0, second = 1] = splits;
  const decimals = Math.min(9, Math.max(0, -Math.floor(Math.log10(Math.abs(second - first) || 1) + 1e-9)));
  return formatValue(Number(split.toFixed(decimals)), -decimals);
}
