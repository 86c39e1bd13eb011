/** The questions of limits runs, for lists and explanations. */
import type { LoadVerdict } from '../samples/verdicts.ts'
import { QUESTIONS } from './questions.ts'

export const LIMIT_VERDICTS: readonly LoadVerdict[] = (['rpm', 'tpm'] as const).flatMap((scenario) =>
  QUESTIONS.filter(({ name }) => scenario === 'tpm' || name !== 'bypass').map(
    ({ name, level, title, fix, asks, by }) => ({
      id: `limits/${scenario}/${name}`,
      kind: 'check' as const,
      level,
      title: `${title} (${scenario === 'rpm' ? 'requests' : 'tokens'})`,
      fix,
      asks,
      by,
    }),
  ),
)
