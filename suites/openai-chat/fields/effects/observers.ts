import { carriesConversation } from './conversation.ts'
import type { Observer } from './effect.ts'
import { forcesJson, forcesSchema } from './formats.ts'
import { capsAlternatives, cutsAtLimit, endsBeforeStop, givesChoices, showsLogprobs } from './limits.ts'
import {
  addsModeration,
  echoed,
  givesAudio,
  reasoningEffort,
  selectsModel,
  switchesThinking,
} from './model.ts'
import { addsUsageChunk, padsChunks, streams } from './streams.ts'
import { callsFunction, choosesTool, limitsParallelCalls, offersTools, shapesArguments } from './tools.ts'

/** One observer for each effect of schemas/effects.json. */
export const OBSERVERS: Record<string, Observer> = {
  'cuts-at-limit': cutsAtLimit,
  'ends-before-stop': endsBeforeStop,
  'gives-n-choices': givesChoices,
  'shows-logprobs': showsLogprobs,
  'caps-alternatives': capsAlternatives,
  streams,
  'adds-usage-chunk': addsUsageChunk,
  'pads-chunks': padsChunks,
  'forces-json': forcesJson,
  'forces-schema': forcesSchema,
  'offers-tools': offersTools,
  'shapes-arguments': shapesArguments,
  'chooses-tool': choosesTool,
  'limits-parallel-calls': limitsParallelCalls,
  'calls-function': callsFunction,
  'selects-model': selectsModel,
  'carries-conversation': carriesConversation,
  'switches-thinking': switchesThinking,
  'reasoning-effort': reasoningEffort,
  'gives-audio': givesAudio,
  'adds-moderation': addsModeration,
  echoed,
  // Acceptance is all that can be seen: the question whether it is accepted says so itself.
  unobservable: () => undefined,
}
