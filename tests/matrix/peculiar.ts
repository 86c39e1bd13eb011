/** What families of faults must know of a dialect, beside what its profiles promise. */

export interface Peculiar {
  /** Fields whose effect is spoilt by a written fault, since leaving them out does not show. */
  notByLeavingOut: string[]
  /** Fields of which the question about their holder sends every value: that one fails first. */
  onlyValue: string[]
  /** Fields for which the reference gateway takes anything: it never refuses them, so that nothing can break there. */
  notChecked: RegExp
  /** Fields without which a request is refused. */
  required: string[]
  /** Checks that a fault, by its id, may turn red though they do not send the field. */
  besides: Record<string, string[]>
  /** Checks that send a request with a limit of 8 tokens and nothing else, as the question for a model does. Empty: it does not. */
  smallest: string[]
}

export const PECULIAR: Record<string, Peculiar> = {
  'openai-chat': {
    notByLeavingOut: [
      // The answer then has no key for it, which is allowed.
      'metadata',
      'service_tier',
      // Only `none` has an effect, and a request without the field has it too.
      'reasoning_effort',
      // More than a few checks offer tools.
      'tools',
    ],
    onlyValue: ['stream_options.include_usage'],
    notChecked: /^prediction\.content\[\]\.prompt_cache_breakpoint/,
    required: ['model', 'messages'],
    besides: {},
    smallest: [
      'completion/finish-length',
      'access/json-forms',
      'robustness/expect-continue',
      'robustness/duplicate-names',
    ],
  },
  'anthropic-messages': {
    notByLeavingOut: [
      // More than a few checks offer tools.
      'tools',
      // The answer then says what it says without them too.
      'service_tier',
      'inference_geo',
      'speed',
    ],
    onlyValue: ['metadata.user_id', 'cache_control.type', 'tool_choice.type', 'tool_choice.name'],
    notChecked: /^$/,
    required: ['model', 'messages', 'max_tokens'],
    // Marks beyond the fourth are refused in its name.
    besides: {
      'accepts-bad:cache_control': ['caching/five-marks'],
      // A tool whose bad name was taken out is called by no name.
      'accepts-bad:tools[].name': ['completion/names'],
    },
    // The default model is asked for by the plain question itself.
    smallest: [],
  },
}
