import { defineConfig } from 'vitest/config'

/**
 * The second door: one vitest test a check, through the same engine as `assay run`, for filters, editors and debuggers.
 * One worker without isolation: probes are shared only inside one process.
 */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.suite.ts'],
    exclude: [],
    pool: 'threads',
    isolate: false,
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 600_000,
  },
})
