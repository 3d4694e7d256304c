import { defineConfig } from "vitest/config";

// Tests run as compiled: what is tested is what is shipped, and workers and child processes need no loader.
export default defineConfig({
  test: {
    include: ["dist/test/**/*.test.js"],
    exclude: ["dist/test/peers/**", "dist/test/soak/**"],
    setupFiles: ["dist/test/support/fuzz-seed.js"],
    // A loaded machine is slow, not wrong: the default second is too short for a browser on two busy cores.
    expect: { poll: { timeout: 15_000 } },
    testTimeout: 20_000,
    hookTimeout: 20_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
