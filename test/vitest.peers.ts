import { defineConfig } from "vitest/config";

// Against programs that others wrote: mbpoll, socat, vsftpd, Chromium …
export default defineConfig({
  test: {
    include: ["dist/test/peers/**/*.test.js"],
    globalSetup: "dist/test/peers/install-peers.js",
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
