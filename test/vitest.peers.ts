import { defineConfig } from "vitest/config";

// Against programs that others wrote: mbpoll, socat, vsftpd, Chromium …
export default defineConfig({
  test: {
    include: ["dist/test/peers/**/*.test.js"],
    globalSetup: "dist/test/peers/install-peers.js",
    // A loaded machine is slow, not wrong: the default second is too short for a browser on two busy cores.
    expect: { poll: { timeout: 15_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
