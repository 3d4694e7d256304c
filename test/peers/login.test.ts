import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type InProcessGateway, startInProcess } from "../support/running-gateway.js";
import { lowContrastTexts } from "./low-contrast-texts.js";

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"];
const password = "violet-Quarry-77-harbour";

describe("logging in with Chromium", () => {
  let browser: Browser;
  let gateway: InProcessGateway;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args });
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    gateway = await startInProcess({}, {}, undefined, { isWebOpen: false });
    context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    page = await context.newPage();
    await page.goto(gateway.origin);
  });
  afterEach(async () => {
    await context.close();
    await gateway.stop();
  });

  const code = () => {
    const line = gateway.log.find(({ fields }) => fields?.["setUpCode"] !== undefined);
    return String(line?.fields?.["setUpCode"]);
  };
  const alert = () => page.getByRole("alert").textContent();
  const isShown = (name: string) => page.getByRole("heading", { name, exact: true }).waitFor();

  async function fill(first: string, name: string, secret: string, text: string, button: string): Promise<void> {
    await page.getByLabel(first).fill(name);
    await page.getByLabel(secret, { exact: true }).fill(text);
    await page.getByRole("button", { name: button, exact: true }).click();
  }
  const setUp = (given: string, text: string) => fill("Set-up code", given, "New password", text, "Set password");
  const logIn = (user: string, text: string) => fill("User", user, "Password", text, "Log in");

  it("sets the first password with the code of the log, logs out and in again, and keeps nothing in the page", async () => {
    await isShown("First start");
    expect(await page.evaluate(lowContrastTexts)).toEqual([]);
    await setUp("AAAA-BBBB-CCCC-DDDD", password);
    await expect.poll(alert).toContain("the gateway's log has it at its start");
    await setUp(code(), "password1");
    await expect.poll(alert).toContain("the new password is not good");
    await setUp(code().toLowerCase(), password);
    await page.getByLabel("Search meters").waitFor();

    const [cookie, ...others] = await context.cookies();
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({ name: "gateway_session", httpOnly: true, sameSite: "Strict", path: "/" });
    expect(
      await page.evaluate(
        "document.cookie + JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage })",
      ),
    ).not.toContain(cookie?.value);
    await page.reload();
    await page.getByRole("button", { name: "Log out (admin)" }).click();
    await isShown("Log in");
    expect(await context.cookies()).toEqual([]);
    expect(await page.getByLabel("Search meters").count()).toBe(0);

    await logIn("admin", password);
    await page.getByLabel("Search meters").waitFor();
  });

  it("says what to do next where the password is wrong or there were too many", async () => {
    await setUp(code(), password);
    await page.getByRole("button", { name: "Log out (admin)" }).click();
    await isShown("Log in");
    await logIn("admin", "not-the-password-1");
    await expect
      .poll(alert)
      .toBe(
        "user or password is not right; try again, or have an admin set a new one (cosem-gateway users set-password)",
      );
    expect(await page.getByLabel("User").inputValue()).toBe("admin");
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      // The button is pale while it waits for the answer, and for a moment longer.
      await expect.poll(() => page.evaluate(lowContrastTexts), { message: colorScheme }).toEqual([]);
    }
    await expect
      .poll(
        async () => {
          await page.getByRole("button", { name: "Log in", exact: true }).click();
          return alert();
        },
        { timeout: 30_000, interval: 100 },
      )
      .toMatch(/^too many failed attempts; try again in \d+ s$/);
    // What a page of another gateway, or a session that ended, leaves behind: the form again, not an empty page.
    await page.reload();
    await isShown("Log in");
  });
});
