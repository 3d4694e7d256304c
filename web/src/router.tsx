import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { type Range, ranges } from "./api/queries.js";
import { Layout } from "./components/layout.js";
import { MeterPage } from "./pages/meter.js";
import { MeterListPage } from "./pages/meter-list.js";
import { NotFoundPage } from "./pages/not-found.js";

const root = createRootRoute({ component: Layout, notFoundComponent: NotFoundPage });

/** What is searched stands in the address, so that it can be kept and sent. */
export interface ListSearch {
  readonly q?: string;
  readonly problems?: boolean;
}

const list = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: ({ q, problems }: Record<string, unknown>): ListSearch => ({
    ...(q === undefined || q === "" ? {} : { q: String(q) }),
    ...(problems === true ? { problems } : {}),
  }),
  component: MeterListPage,
});

export interface MeterSearch {
  /** OBIS code of the value that the history shows. */
  readonly value?: string;
  readonly range?: Range;
}

const meter = createRoute({
  getParentRoute: () => root,
  path: "/meters/$device",
  validateSearch: ({ value, range }: Record<string, unknown>): MeterSearch => ({
    ...(typeof value === "string" ? { value } : {}),
    ...(ranges.includes(range as Range) ? { range: range as Range } : {}),
  }),
  component: MeterPage,
});

export const router = createRouter({
  routeTree: root.addChildren([list, meter]),
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
