import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createRestView, type RestView } from "../../src/views/rest/index.js";
import { repositoryRoot } from "../support/repository.js";
import { createFixture, type Fixture } from "../support/rest-fixture.js";
import { twoMeters } from "../support/rest-fixture-meters.js";
import { systemClock } from "../support/system-clock.js";
import { lowContrastTexts } from "./low-contrast-texts.js";

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const quiet = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"];
const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-sync", ...quiet];
const wide = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };
/** Between groups of three digits: narrow no-break space. */
const thin = "\u202f";
const energy = '[data-address="KAM1234567890804/6-0:1.0.0*255/2"]';

describe("the pages in Chromium", () => {
  let browser: Browser;
  let fixture: Fixture;
  let view: RestView;
  let origin: string;
  let context: BrowserContext;
  /** Requests to another origin, and what the browser complained about. */
  let complaints: string[];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args });
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    const firstReadingMs = Date.now() - 10 * 60_000;
    fixture = createFixture({ meters: twoMeters(), clock: systemClock, firstReadingMs, periodMs: 60_000 });
    const webRoot = join(repositoryRoot, "dist/web");
    view = createRestView({ ...fixture.options, host: "127.0.0.1", port: 0, webRoot });
    origin = `http://127.0.0.1:${(await view.start()).port}`;
    complaints = [];
  });
  afterEach(async () => {
    await context.close();
    await view.stop();
  });

  async function open(path: string, viewport = wide, colorScheme: "light" | "dark" = "light"): Promise<Page> {
    context = await browser.newContext({ viewport, colorScheme, permissions: ["clipboard-read", "clipboard-write"] });
    const page = await context.newPage();
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(`${origin}/`) && !url.startsWith("data:")) complaints.push(`request to ${url}`);
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    await page.goto(origin + path);
    return page;
  }
  const commit = (index: number) => {
    const meter = fixture.meters[index];
    if (meter !== undefined) fixture.commit(meter);
  };
  const overflow = (page: Page) =>
    page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");

  it("shows a value, then its change by an event, without reload and without a request outside", async () => {
    const page = await open("/");
    // Raw 1234 + 9 at scaler 3, in Wh.
    await expect.poll(() => page.locator(energy).textContent()).toBe(`1${thin}243${thin}000`);
    await expect.poll(() => page.locator("header output").textContent()).toBe("Live");
    await page.evaluate("window.notReloaded = true");
    commit(0);
    await expect.poll(() => page.locator(energy).textContent()).toBe(`1${thin}244${thin}000`);
    expect(await page.evaluate("window.notReloaded")).toBe(true);
    expect(complaints).toEqual([]);
  });

  it("opens a meter by keyboard and shows its history, which grows by events", async () => {
    const page = await open("/");
    await page.getByRole("link", { name: "heat", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(`${origin}/meters/KAM1234567890804`);
    await expect.poll(() => page.getByText("10 readings").count()).toBe(1);
    expect(await page.locator("canvas").count()).toBe(1);
    expect(await page.getByRole("img", { name: /^Energy, Day: 10 readings, lowest .* newest / }).count()).toBe(1);
    commit(0);
    await expect.poll(() => page.getByText("11 readings").count()).toBe(1);
    commit(0);
    await expect.poll(() => page.getByText("12 readings").count()).toBe(1);
    await page.getByLabel("Value", { exact: true }).selectOption("6-0:8.0.0*255");
    await expect.poll(() => page.getByRole("img", { name: /^Volume flow, Day: 12 readings/ }).count()).toBe(1);
    await page.getByRole("radio", { name: "Hour" }).press("Space");
    await page.waitForURL(/range=hour/);
    expect(complaints).toEqual([]);
  });

  it("copies an object's address", async () => {
    const page = await open("/meters/KAM1234567890804");
    await page.getByRole("button", { name: "Copy KAM1234567890804/6-0:1.0.0*255" }).click();
    await expect.poll(() => page.evaluate("navigator.clipboard.readText()")).toBe("KAM1234567890804/6-0:1.0.0*255");
  });

  it("finds a meter by any of its words and says when nothing fits", async () => {
    const page = await open("/");
    await page.getByLabel("Search meters").fill("flat 194");
    await expect.poll(() => page.locator("[data-device]").count()).toBe(1);
    expect(await page.locator("[data-device]").getAttribute("data-device")).toBe("GWF194583090101");
    await page.getByLabel("Search meters").fill("nothing");
    await expect.poll(() => page.getByText("No meter matches").count()).toBe(1);
  });

  it("says what to do when a meter does not exist and when the gateway is gone", async () => {
    const page = await open("/meters/nobody");
    await expect.poll(() => page.getByText("There is no such meter").count()).toBe(1);
    await page.getByRole("link", { name: "To all meters" }).click();
    await expect.poll(() => page.locator(energy).count()).toBe(1);
    await view.stop();
    await expect.poll(() => page.locator("header output").textContent()).toBe("Connection lost");
  });

  it.each(["/", "/meters/KAM1234567890804", "/meters/nobody"])(
    "fits a phone at night without scrolling sideways: %s",
    async (path) => {
      const page = await open(path, phone, "dark");
      await page.waitForSelector("h1, [role=alert], main p");
      await page.waitForLoadState("load");
      await expect.poll(() => page.locator("header output").textContent()).toBe("Live");
      expect(await overflow(page)).toBe(0);
      const background = await page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
      expect(background).toBe("rgb(18, 23, 29)");
    },
  );

  it.each(["light", "dark"] as const)("has the contrast of WCAG AA in %s", async (scheme) => {
    for (const path of ["/", "/meters/KAM1234567890804", "/meters/GWF194583090101"]) {
      const page = await open(path, wide, scheme);
      await page.waitForSelector("table:visible");
      await page.waitForTimeout(500);
      expect(await page.evaluate(lowContrastTexts), path).toEqual([]);
      await context.close();
    }
  });

  it("offers the calls to try, under the same policy", async () => {
    const page = await open("/api/v1/docs");
    await expect.poll(() => page.locator(".opblock").count()).toBe(15);
    expect(complaints).toEqual([]);
  });
});
