import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["dist/test/soak/**/*.test.js"], testTimeout: 24 * 3600_000, fileParallelism: false },
});
