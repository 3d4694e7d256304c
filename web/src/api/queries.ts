import { queryOptions } from "@tanstack/react-query";
import {
  type ColumnHistory,
  fetchGateway,
  fetchHistory,
  fetchMeter,
  fetchMeters,
  fetchObjects,
  fetchSession,
} from "./client.js";

export const gatewayQuery = queryOptions({
  queryKey: ["gateway"],
  queryFn: async ({ signal }) => {
    const gateway = await fetchGateway(signal);
    return { ...gateway, skewMs: Date.parse(gateway.now) - Date.now() };
  },
  refetchInterval: 30_000,
});

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => fetchSession(signal),
});

export const metersQuery = queryOptions({
  queryKey: ["meters"],
  queryFn: ({ signal }) => fetchMeters(signal),
});

export const meterQuery = (device: string) =>
  queryOptions({ queryKey: ["meter", device], queryFn: ({ signal }) => fetchMeter(device, signal) });

export const objectsQuery = (device: string) =>
  queryOptions({ queryKey: ["objects", device], queryFn: ({ signal }) => fetchObjects(device, signal) });

export const ranges = ["hour", "day", "week", "all"] as const;
export type Range = (typeof ranges)[number];

const rangeMs: Readonly<Record<Range, number | undefined>> = {
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
  all: undefined,
};

/**
 * History of one value; readings are only ever added, so a refetch asks for what came after the last one.
 * @param newest time of the newest reading: ranges end there, so that a silent meter still shows its last day
 */
export const historyQuery = (device: string, obis: string, range: Range, newest: string) => {
  const span = rangeMs[range];
  const queryKey = ["history", device, obis, range] as const;
  return queryOptions({
    queryKey,
    queryFn: async ({ client, signal }): Promise<ColumnHistory> => {
      const known = client.getQueryData<ColumnHistory>(queryKey);
      const last = known?.rows.at(-1);
      if (known === undefined || last === undefined || known.isTruncated) {
        return fetchHistory(device, obis, span === undefined ? undefined : new Date(Date.parse(newest) - span), signal);
      }
      const lastMs = Date.parse(last.time);
      const { rows, isTruncated } = await fetchHistory(device, obis, new Date(lastMs), signal);
      const added = rows.filter(({ time }) => Date.parse(time) > lastMs);
      const firstMs = Date.parse(added.at(-1)?.time ?? last.time) - (span ?? Number.POSITIVE_INFINITY);
      return { rows: [...known.rows, ...added].filter(({ time }) => Date.parse(time) >= firstMs), isTruncated };
    },
    enabled: obis !== "" && newest !== "",
  });
};
