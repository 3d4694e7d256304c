import { defineConfig } from "vitest/config";

// Tests run as compiled: what is tested is what is shipped, and workers and child processes need no loader.
export default defineConfig({
  test: {
    include: ["dist/test/**/*.test.js"],
    exclude: ["dist/test/peers/**", "dist/test/soak/**"],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
