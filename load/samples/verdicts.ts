/** The questions of load runs, for lists and explanations. */
export { LOAD_VERDICTS, type LoadVerdict, SLO_VERDICT } from './verdicts/list.ts'
