import type { FastifyInstance } from "fastify";
import { createRestApp } from "../../../src/views/rest/rest-app.js";
import { createFixture, type Fixture, type FixtureParts } from "../../support/rest-fixture.js";
import { twoMeters } from "../../support/rest-fixture-meters.js";
import { createStandingClock, type StandingClock } from "../../support/standing-clock.js";

export interface FixtureApp {
  readonly app: FastifyInstance;
  readonly fixture: Fixture;
  readonly clock: StandingClock;
  /** GET below /api/v1: status and body. */
  get(path: string): Promise<{ status: number; type: string; body: Record<string, unknown> }>;
}

/** 2026-11-22T12:00:00Z; reading n of each meter is n minutes later, and n = 9 is the newest. */
export const firstReadingMs = Date.UTC(2026, 10, 22, 12, 0, 0);

/** The application on the two meters of the fixture, without a port. */
export async function openFixtureApp(parts: Partial<FixtureParts> = {}): Promise<FixtureApp> {
  const clock = createStandingClock(firstReadingMs + 10 * 60_000);
  const fixture = createFixture({ meters: twoMeters(), clock, firstReadingMs, periodMs: 60_000, ...parts });
  const app = await createRestApp({ ...fixture.options, host: "127.0.0.1", port: 0, webRoot: undefined });
  return {
    app,
    fixture,
    clock,
    async get(path) {
      const response = await app.inject({ method: "GET", url: `/api/v1/${path}` });
      return {
        status: response.statusCode,
        type: String(response.headers["content-type"]),
        body: response.json() as Record<string, unknown>,
      };
    },
  };
}
