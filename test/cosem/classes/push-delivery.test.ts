import { describe, expect, it } from "vitest";
import {
  beginPush,
  type CommunicationWindow,
  CosemDateTime,
  isCommunicationWindow,
  type PushDelivery,
  type PushOutcome,
  type PushPlan,
  parseCosemDateTime,
  repetitionDelayMs,
  windowState,
} from "../../../cosem/index.js";

/** One hour east of Greenwich, without daylight saving: UTC = local - 60 minutes. */
const localTimeAt = () => ({ deviation: -60, isDaylightSaving: false });
const at = (text: string) => Date.parse(text);

function window(start: string, end: string): CommunicationWindow {
  const time = (text: string) => (text === "" ? new CosemDateTime({}) : parseCosemDateTime(text));
  const [startTime, endTime] = [time(start), time(end)];
  if (startTime === undefined || endTime === undefined) throw new Error("no time");
  return { startTime, endTime };
}

const nightly = window("****-**-**T02:00:00", "****-**-**T04:00:00");
const once = window("2027-03-01T00:00:00+01:00", "2027-03-02T00:00:00+01:00");

describe("communication windows", () => {
  it.each([
    ["none is always open", [], "2027-03-01T00:00:00Z", true, undefined],
    ["before it opens", [nightly], "2027-03-01T00:30:00Z", false, "2027-03-01T01:00:00Z"],
    ["at the moment it opens", [nightly], "2027-03-01T01:00:00Z", true, "2027-03-01T03:00:00Z"],
    ["in it", [nightly], "2027-03-01T02:59:59Z", true, "2027-03-01T03:00:00Z"],
    ["at the moment it closes", [nightly], "2027-03-01T03:00:00Z", false, "2027-03-02T01:00:00Z"],
    ["a single one, before", [once], "2027-02-01T00:00:00Z", false, "2027-02-28T23:00:00Z"],
    ["a single one, in it", [once], "2027-03-01T12:00:00Z", true, "2027-03-01T23:00:00Z"],
    ["a single one, over", [once], "2027-03-02T00:00:00Z", false, undefined],
    ["one of two is open", [once, nightly], "2027-03-01T02:00:00Z", true, "2027-03-01T23:00:00Z"],
    ["both are to come", [once, nightly], "2027-02-28T22:00:00Z", false, "2027-02-28T23:00:00Z"],
    [
      "without an end, before",
      [window("2027-03-01T00:00:00Z", "")],
      "2027-02-01T00:00:00Z",
      false,
      "2027-03-01T00:00:00Z",
    ],
    ["without an end, after", [window("2027-03-01T00:00:00Z", "")], "2027-04-01T00:00:00Z", true, undefined],
    ["without a start", [window("", "2027-03-01T00:00:00Z")], "2027-02-01T00:00:00Z", true, "2027-03-01T00:00:00Z"],
  ] as const)("%s", (_what, windows, instant, isOpen, until) => {
    expect(windowState(windows, at(instant), localTimeAt)).toEqual({
      isOpen,
      until: until === undefined ? undefined : at(until),
    });
  });

  it("are refused with fields that no time has", () => {
    expect(isCommunicationWindow(nightly)).toBe(true);
    expect(isCommunicationWindow(window("", ""))).toBe(true);
    expect(isCommunicationWindow({ ...nightly, endTime: new CosemDateTime({ hour: 25 }) })).toBe(false);
  });
});

const plan: PushPlan = {
  communicationWindow: [],
  randomisationStartInterval: 0,
  numberOfRetries: 2,
  repetitionDelay: { repetitionDelayMin: 60, repetitionDelayExponent: 200, repetitionDelayMax: 100 },
  pushOperationMethod: 0,
};

const start = at("2027-03-01T00:00:00Z");

/** Runs a delivery with these outcomes, one an attempt: seconds after the beginning of each attempt, and the end. */
function run(part: Partial<PushPlan>, outcomes: readonly PushOutcome[], random = 0, from = start) {
  const delivery = beginPush({ plan: { ...plan, ...part }, localTimeAt, random: () => random }, from);
  const sentAfter: number[] = [];
  let attempts = 0;
  for (let now = delivery.nextDeadline(); now !== undefined; now = delivery.nextDeadline()) {
    for (const event of delivery.expire(now)) {
      if (event.kind === "ended") return { sentAfter, result: event.result };
      sentAfter.push((now - from) / 1000);
      const [end] = delivery.settled(outcomes[attempts++] ?? "failed", now);
      if (end?.kind === "ended") return { sentAfter, result: end.result };
    }
  }
  return { sentAfter, result: undefined };
}

describe("the attempts of a push", () => {
  it("end with the first that went out", () => {
    expect(run({}, ["sent"])).toEqual({ sentAfter: [0], result: "delivered" });
    expect(run({}, ["failed", "sent"])).toEqual({ sentAfter: [0, 60], result: "delivered" });
  });

  it("wait longer each time, up to the limit, and give up after the retries", () => {
    // 60 s, then 120 s, of which 100 s are allowed.
    expect(run({}, [])).toEqual({ sentAfter: [0, 60, 160], result: "givenUp" });
    expect(run({ numberOfRetries: 0 }, [])).toEqual({ sentAfter: [0], result: "givenUp" });
  });

  it("want what the operation method says", () => {
    expect(run({ pushOperationMethod: 1 }, ["sent", "acknowledged"])).toEqual({
      sentAfter: [0, 60],
      result: "delivered",
    });
    expect(run({ pushOperationMethod: 2 }, ["acknowledged", "acknowledged", "confirmed"])).toEqual({
      sentAfter: [0, 60, 160],
      result: "delivered",
    });
    expect(run({ pushOperationMethod: 2 }, ["sent", "sent", "sent"])).toEqual({
      sentAfter: [0, 60, 160],
      result: "givenUp",
    });
  });

  it("take a confirmation that comes between two attempts", () => {
    const delivery: PushDelivery = beginPush(
      { plan: { ...plan, pushOperationMethod: 2 }, localTimeAt, random: () => 0 },
      start,
    );
    expect(delivery.expire(start)).toEqual([{ kind: "send", attempt: 1 }]);
    expect(delivery.nextDeadline()).toBeUndefined();
    expect(delivery.settled("sent", start)).toEqual([]);
    expect(delivery.nextDeadline()).toBe(start + 60_000);
    expect(delivery.expire(start + 59_999)).toEqual([]);
    expect(delivery.settled("confirmed", start + 5000)).toEqual([{ kind: "ended", result: "delivered" }]);
    expect([delivery.nextDeadline(), delivery.expire(start + 60_000), delivery.settled("failed", start)]).toEqual([
      undefined,
      [],
      [],
    ]);
  });

  it("begin somewhere in the randomisation interval", () => {
    expect(run({ randomisationStartInterval: 100 }, ["sent"], 0.25).sentAfter).toEqual([25]);
  });

  it("keep to the windows, and to their ends", () => {
    // 01:00 local at the beginning; the window is from 02:00 to 04:00, which are 3600 s and 10800 s later.
    const inWindow = { communicationWindow: [nightly] };
    expect(run(inWindow, ["sent"]).sentAfter).toEqual([3600]);
    expect(run({ ...inWindow, randomisationStartInterval: 65_535 }, ["sent"], 0.999_999).sentAfter[0]).toBeLessThan(
      10_800,
    );
    const late = at("2027-03-01T02:59:30Z");
    // The retry after 60 s would be outside: it waits for the next night, 22 hours after the end of this one.
    expect(run(inWindow, ["failed", "sent"], 0, late).sentAfter).toEqual([0, 30 + 22 * 3600]);
  });

  it("end where no window opens again", () => {
    const over = at("2027-03-02T00:00:00Z");
    expect(run({ communicationWindow: [once] }, [], 0, over)).toEqual({ sentAfter: [], result: "noWindow" });
    const last = at("2027-03-01T22:59:59Z");
    expect(run({ communicationWindow: [once] }, ["failed"], 0, last)).toEqual({ sentAfter: [0], result: "noWindow" });
  });

  it("do not go out when the machine was woken after the window", () => {
    const delivery = beginPush(
      { plan: { ...plan, communicationWindow: [nightly] }, localTimeAt, random: () => 0 },
      start,
    );
    expect(delivery.expire(at("2027-03-01T05:00:00Z"))).toEqual([]);
    expect(delivery.nextDeadline()).toBe(at("2027-03-02T01:00:00Z"));
  });
});

describe("the delay between repetitions", () => {
  it.each([
    [{ repetitionDelayMin: 10, repetitionDelayExponent: 100, repetitionDelayMax: 0 }, 5, 10_000],
    [{ repetitionDelayMin: 10, repetitionDelayExponent: 150, repetitionDelayMax: 0 }, 3, 22_500],
    [{ repetitionDelayMin: 10, repetitionDelayExponent: 200, repetitionDelayMax: 30 }, 3, 30_000],
    [{ repetitionDelayMin: 65_535, repetitionDelayExponent: 65_535, repetitionDelayMax: 0 }, 255, 86_400_000],
  ])("%j before attempt %i + 1 is %i ms", (delay, attempt, expected) => {
    expect(repetitionDelayMs(delay, attempt)).toBe(expected);
  });
});
