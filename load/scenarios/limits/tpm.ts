/** tpm: what is the limit of tokens a minute really? Runs on a k6 without our extension. */
export { experiment as default, handleSummary, options } from './run.ts'
