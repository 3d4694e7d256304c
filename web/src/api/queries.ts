import { queryOptions } from "@tanstack/react-query";
import { fetchGateway, fetchHistory, fetchMeter, fetchMeters, fetchObjects } from "./client.js";

export const gatewayQuery = queryOptions({
  queryKey: ["gateway"],
  queryFn: async ({ signal }) => {
    const gateway = await fetchGateway(signal);
    return { ...gateway, skewMs: Date.parse(gateway.now) - Date.now() };
  },
  refetchInterval: 30_000,
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

/** @param newest time of the newest reading: ranges end there, so that a silent meter still shows its last day */
export const historyQuery = (device: string, obis: string, range: Range, newest: string) => {
  const span = rangeMs[range];
  return queryOptions({
    // Not the moment itself: newer values are added from events.
    queryKey: ["history", device, obis, range],
    queryFn: ({ signal }) =>
      fetchHistory(device, obis, span === undefined ? undefined : new Date(Date.parse(newest) - span), signal),
    enabled: obis !== "" && newest !== "",
  });
};
