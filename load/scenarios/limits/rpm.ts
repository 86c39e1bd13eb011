/** rpm: what is the limit of requests a minute really? Runs on a k6 without our extension. */
export { experiment as default, handleSummary, options } from './run.ts'
