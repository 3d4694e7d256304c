/** The search with rights and audit, by itself or as a job. */
import type { Principal } from "../../../cosem/index.js";
import type { JobDefinition } from "../jobs/contract.js";
import { type ChangeRecorder, denied, refusedRight } from "../recorder.js";
import { accepted, type Refusable, refusal } from "../refusal.js";
import { hasRight } from "../rights.js";
import type { MeterSearchRequest, SearchService, SearchStatus } from "./contract.js";
import { MeterSearch, type MeterSearchParts } from "./meter-search.js";

/** What a request leaves open. */
export interface SearchSettings extends Pick<MeterSearchParts, "pace" | "baudRate"> {
  readonly defaults: MeterSearchRequest;
}

export interface SearchServiceParts extends Omit<MeterSearchParts, "pace" | "baudRate"> {
  readonly recorder: ChangeRecorder;
  /** Asked at each search. */
  settings(): SearchSettings;
  /** Starts the job below with these parameters; false: it cannot now. Without it a search runs by itself. */
  readonly startJob?: ((request: MeterSearchRequest) => boolean) | undefined;
}

export interface SearchRunner {
  readonly service: SearchService;
  /** To be registered; it runs the same one search. */
  readonly job: JobDefinition;
  stop(): Promise<void>;
}

/** Within this time a job that was asked for has begun. */
const startLimitMs = 30_000;

/** Name of the job. */
export const searchJob = "search";

const idle: SearchStatus = {
  isRunning: false,
  startedAtMs: undefined,
  endedAtMs: undefined,
  message: undefined,
  tried: 0,
  share: 0,
  secondsLeft: undefined,
  cleared: 0,
  interfaces: [],
  found: [],
  foundCount: 0,
  unresolved: [],
};

export function createSearch(parts: SearchServiceParts): SearchRunner {
  const { list, recorder, logger } = parts;
  let current: MeterSearch | undefined;
  let running: Promise<unknown> | undefined;
  let ending = new AbortController();
  /** Asked of the jobs, and not begun yet; a job that could not begin says nothing. */
  let startsUntilMs = 0;
  const isStarting = () => parts.clock.monotonic() < startsUntilMs;
  const status = (): SearchStatus => {
    return isStarting() ? { ...idle, isRunning: true, startedAtMs: parts.clock.now() } : (current?.status() ?? idle);
  };
  const complete = (request: MeterSearchRequest): MeterSearchRequest => {
    const given = Object.entries(request).filter(([, value]) => value !== undefined);
    return { ...parts.settings().defaults, ...Object.fromEntries(given) };
  };

  async function run(
    request: MeterSearchRequest,
    signal: AbortSignal,
    onProgress: (status: SearchStatus) => void,
  ): Promise<SearchStatus> {
    const { pace, baudRate } = parts.settings();
    const search = new MeterSearch({ ...parts, pace, baudRate }, complete(request));
    current = search;
    startsUntilMs = 0;
    ending = new AbortController();
    const answer = search.run(AbortSignal.any([signal, ending.signal]), onProgress);
    running = answer.catch(() => undefined);
    try {
      return await answer;
    } finally {
      running = undefined;
    }
  }

  async function start(principal: Principal, request: MeterSearchRequest): Promise<Refusable<SearchStatus>> {
    const action = "search.start";
    const target = (request.interfaces ?? ["all interfaces"]).join(", ");
    const refused = refusedRight(principal, "search.start", { recorder, action, target });
    if (refused !== undefined) return refused;
    if (running !== undefined || isStarting()) {
      return refusal("conflict", "a search is running: wait for it, or cancel it");
    }
    const problem = MeterSearch.problemOf(complete(request), list.interfaces);
    if (problem !== undefined) return refusal("invalid", problem);
    recorder.record({ principal, action, target, detail: (request.modes ?? []).join(", "), isRefused: false });
    if (parts.startJob !== undefined) {
      startsUntilMs = parts.clock.monotonic() + startLimitMs;
      if (parts.startJob(request)) return accepted(status());
      startsUntilMs = 0;
      return refusal("busy", "the search could not be started now; try again later");
    }
    run(request, new AbortController().signal, () => undefined).catch((error: unknown) => {
      logger.error("search failed", { error: String(error) });
    });
    return accepted(status());
  }

  const job: JobDefinition = {
    name: searchJob,
    kind: "search",
    right: "search.start",
    help: "Searches buses and receivers for meters, installs what it finds and reads it.",
    checkParameters: (parameters) => parameterProblem(parameters, complete, parts),
    async run({ parameters, signal, progress }) {
      startsUntilMs = 0;
      if (running !== undefined) return { outcome: "failed", words: "another search was running" };
      const ended = await run((parameters ?? {}) as MeterSearchRequest, signal, (status) => {
        const { share, tried, foundCount, secondsLeft } = status;
        const words = `${tried} addresses tried, ${foundCount} meters found`;
        progress(Math.round(share * 1000), 1000, words, secondsLeft ?? null);
      });
      const isBad = ended.found.some(({ result }) => result === "refused") || ended.unresolved.length > 0;
      return {
        outcome: isBad || signal.aborted ? "partly" : "good",
        words: ended.message ?? "",
        detail: { found: ended.foundCount },
      };
    },
  };

  return {
    service: {
      start,
      status: (principal) =>
        hasRight(principal, "meters.read") ? accepted(status()) : denied(principal, "meters.read"),
      async cancel(principal) {
        const action = "search.cancel";
        const refused = refusedRight(principal, "search.start", { recorder, action, target: "search" });
        if (refused !== undefined) return refused;
        if (isStarting()) return refusal("busy", "the search is just beginning; cancel it in a moment");
        if (running === undefined) return refusal("conflict", "no search is running");
        recorder.record({ principal, action, target: "search", isRefused: false });
        ending.abort();
        await running;
        return accepted(status());
      },
    },
    job,
    async stop() {
      ending.abort();
      await running;
    },
  };
}

const modes: ReadonlySet<unknown> = new Set(["primary", "secondary", "esecondary", "wireless"]);

function parameterProblem(
  parameters: unknown,
  complete: (request: MeterSearchRequest) => MeterSearchRequest,
  { list }: SearchServiceParts,
): string | undefined {
  if (parameters === undefined || parameters === null) return undefined;
  if (typeof parameters !== "object") return "an object is wanted: modes, interfaces, baudRates …";
  const request = parameters as MeterSearchRequest;
  const { modes: given, interfaces } = request;
  if (given !== undefined && !(Array.isArray(given) && given.every((mode) => modes.has(mode)))) {
    return "modes: a list of primary, secondary, esecondary, wireless is wanted";
  }
  if (interfaces !== undefined && !Array.isArray(interfaces)) return "interfaces: a list of names is wanted";
  return MeterSearch.problemOf(complete(request), list.interfaces);
}
