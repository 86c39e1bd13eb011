import { carriesConversation } from './conversation.ts'
import type { Observer } from './effect.ts'
import { cutsAtLimit, endsBeforeStop, streams } from './limits.ts'
import { echoed, forcesSchema, reasoningEffort, selectsModel, switchesThinking } from './model.ts'
import { choosesTool, limitsParallelCalls, offersTools, shapesArguments } from './tools.ts'

/** One observer for each effect of schemas/effects.json that the request of this dialect names. */
export const OBSERVERS: Record<string, Observer> = {
  'cuts-at-limit': cutsAtLimit,
  'ends-before-stop': endsBeforeStop,
  streams,
  'offers-tools': offersTools,
  'shapes-arguments': shapesArguments,
  'chooses-tool': choosesTool,
  'limits-parallel-calls': limitsParallelCalls,
  'selects-model': selectsModel,
  'carries-conversation': carriesConversation,
  'switches-thinking': switchesThinking,
  'reasoning-effort': reasoningEffort,
  'forces-schema': forcesSchema,
  echoed,
  // A cache is filled above a length that no probe should cost, and a document is cited where a model sees cause to:
  // hand-written checks ask for both.
  caches: () => undefined,
  cites: () => undefined,
  // Acceptance is all that can be seen: the question whether it is accepted says so itself.
  unobservable: () => undefined,
}
