import type {
  Gateway,
  History,
  Meter,
  MeterList,
  ObjectList,
  ObjectSummary,
  Problem,
  Session,
} from "../../../src/views/rest/contract.js";

const apiRoot = "/api/v1";

/** A call that did not succeed; `status` 0: the gateway did not answer. */
export class ApiFailure extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.name = "ApiFailure";
    this.status = status;
  }
}

async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(`${apiRoot}${path}`, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    if (signal?.aborted === true) throw error;
    throw new ApiFailure(0, "");
  });
  return answerOf<T>(response);
}

async function answerOf<T>(response: Response): Promise<T> {
  if (response.ok) return (await response.json()) as T;
  if (response.status === 401) for (const listener of loginListeners) listener();
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined;
  throw new ApiFailure(response.status, problem?.detail ?? response.statusText);
}

const loginListeners = new Set<() => void>();

/** Calls `listener` when a call was refused for want of a login. @returns ends that */
export function onLoginWanted(listener: () => void): () => void {
  loginListeners.add(listener);
  return () => void loginListeners.delete(listener);
}

/** Who is logged in. */
export function fetchSession(signal: AbortSignal): Promise<Session> {
  return getJson<Session>("/session", signal);
}

async function sendJson<T>(method: string, path: string, body?: unknown): Promise<T> {
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  const headers: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
  const response = await fetch(`${apiRoot}${path}`, { method, headers, ...content }).catch(() => {
    throw new ApiFailure(0, "");
  });
  return answerOf<T>(response);
}

export function logIn(user: string, password: string): Promise<Session> {
  return sendJson("POST", "/session", { user, password });
}

/** Sets the first password of `admin`. @param code the one in the gateway's log */
export function setUp(code: string, password: string): Promise<Session> {
  return sendJson("POST", "/set-up", { code, password });
}

export function logOut(): Promise<Session> {
  return sendJson("DELETE", "/session");
}

const pageSize = 500;
/** More than these are not held in one page of a browser. */
export const maxMeters = 5_000;
export const maxHistoryRows = 50_000;

/** All meters, page by page, up to `maxMeters`. */
export async function fetchMeters(signal: AbortSignal): Promise<{ meters: Meter[]; total: number }> {
  const meters: Meter[] = [];
  let cursor: string | null = null;
  let total = 0;
  do {
    const after: string = cursor === null ? "" : `&cursor=${cursor}`;
    const page: MeterList = await getJson<MeterList>(`/meters?limit=${pageSize}${after}`, signal);
    meters.push(...page.meters);
    ({ total, next: cursor } = page);
  } while (cursor !== null && meters.length < maxMeters);
  return { meters, total };
}

export function fetchMeter(device: string, signal: AbortSignal): Promise<Meter> {
  return getJson<Meter>(`/meters/${encodeURIComponent(device)}`, signal);
}

/** All objects of a meter. */
export async function fetchObjects(device: string, signal: AbortSignal): Promise<ObjectSummary[]> {
  const objects: ObjectSummary[] = [];
  let cursor: string | null = null;
  do {
    const after: string = cursor === null ? "" : `&cursor=${cursor}`;
    const path = `/meters/${encodeURIComponent(device)}/objects?limit=${pageSize}${after}`;
    const page: ObjectList = await getJson<ObjectList>(path, signal);
    objects.push(...page.objects);
    cursor = page.next;
  } while (cursor !== null);
  return objects;
}

/** One column of a meter's history. `isTruncated`: there are more rows than `maxHistoryRows`. */
export interface ColumnHistory {
  readonly rows: readonly { readonly time: string; readonly value: number | string | null }[];
  readonly isTruncated: boolean;
}

export async function fetchHistory(
  device: string,
  obis: string,
  from: Date | undefined,
  signal: AbortSignal,
): Promise<ColumnHistory> {
  const rows: { time: string; value: number | string | null }[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ limit: "5000", columns: obis });
    if (from !== undefined) query.set("from", from.toISOString());
    if (cursor !== null) query.set("cursor", cursor);
    const page: History = await getJson<History>(`/meters/${encodeURIComponent(device)}/history?${query}`, signal);
    for (const { time, values } of page.rows) rows.push({ time, value: values[0] ?? null });
    cursor = page.next;
  } while (cursor !== null && rows.length < maxHistoryRows);
  return { rows, isTruncated: cursor !== null };
}

export function fetchGateway(signal: AbortSignal): Promise<Gateway> {
  return getJson<Gateway>("/gateway", signal);
}

export const eventsPath = `${apiRoot}/events`;
export const docsPath = `${apiRoot}/docs`;
