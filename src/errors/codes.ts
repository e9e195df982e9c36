/**
 * Every code a {@link ManagedLLMError} can carry: the HTTP status a refusal is given when it reaches code written against
 * a provider's SDK, and whether asking again may help. Codes are stable: they are never renamed, only added.
 */
export const errorCodes = {
  'invalid-options': { status: 500, retryable: false },
  'invalid-settings': { status: 500, retryable: false },
  'prompt-changed': { status: 500, retryable: false },
  'prompt-variables': { status: 500, retryable: false },
  'prompt-unknown': { status: 500, retryable: false },
  'prompt-invalid': { status: 500, retryable: false },
  'prompt-misfit': { status: 500, retryable: false },
  'prompt-source-failed': { status: 503, retryable: true },
  'caller-required': { status: 401, retryable: false },
  unsupported: { status: 400, retryable: false },
  'unreadable-answer': { status: 502, retryable: true },
  'unknown-target': { status: 400, retryable: false },
  'all-targets-failed': { status: 503, retryable: true },
  'all-attempts-failed': { status: 502, retryable: true },
  'attempt-limit': { status: 503, retryable: true },
  'circuit-open': { status: 503, retryable: true },
  'target-disabled': { status: 503, retryable: false },
  'stream-cut': { status: 502, retryable: true },
  'time-limit': { status: 504, retryable: true },
  'interceptor-fault': { status: 500, retryable: false },
  'provider-failure': { status: 502, retryable: false },
  'connection-failed': { status: 502, retryable: true },
  'invalid-output': { status: 502, retryable: true },
  refused: { status: 403, retryable: false },
  throttled: { status: 429, retryable: true },
  'limit-exceeded': { status: 429, retryable: true },
  'budget-exceeded': { status: 402, retryable: false },
  'ceiling-exceeded': { status: 402, retryable: false },
  'unknown-price': { status: 402, retryable: false },
  'unbounded-cost': { status: 402, retryable: false },
  'state-unreachable': { status: 503, retryable: true },
  'state-incompatible': { status: 500, retryable: false },
  'state-not-durable': { status: 500, retryable: false },
  'no-model-fits': { status: 400, retryable: false },
  'model-retires': { status: 500, retryable: false },
  'pin-not-served': { status: 500, retryable: false },
  closed: { status: 503, retryable: false },
} as const satisfies Record<string, { readonly status: number; readonly retryable: boolean }>;

/** A code of {@link ManagedLLMError}. */
export type ErrorCode = keyof typeof errorCodes;

/**
 * What has happened and what the reader can do about it. `docs/errors.md` is generated from both tables; this one is in
 * no bundle.
 *
 * @public
 */
export const errorHelp: Readonly<Record<ErrorCode, { readonly meaning: string; readonly remedy: string }>> = {
  'invalid-options': {
    meaning: 'An option given at construction, or a request of the neutral API, is wrong.',
    remedy: 'The message names the path of the option and what is expected there.',
  },
  'invalid-settings': {
    meaning: 'Settings given to `with`, `run` or a call are wrong.',
    remedy: 'The message names the setting and what is expected there.',
  },
  'prompt-changed': {
    meaning:
      'A version of a prompt was defined, or served by a source, a second time with other content, or was read with a hash that its content does not have.',
    remedy: 'Versions never change: give the changed prompt a version of its own.',
  },
  'prompt-variables': {
    meaning: 'A prompt was to be rendered with a variable missing, unknown, or of the wrong kind.',
    remedy: 'The message names the variable and what is expected; `details.variable` is its name.',
  },
  'prompt-unknown': {
    meaning: 'A registry of prompts was asked for a prompt, a version or a label that there is not.',
    remedy: 'The message lists those that there are. Add it to the source, or set the label.',
  },
  'prompt-invalid': {
    meaning: 'What the source of a registry serves as a version of a prompt is none. The others are used.',
    remedy: 'The message names the version or the file, and what is expected there.',
  },
  'prompt-misfit': {
    meaning:
      'Reported, never thrown: the version that a label names does not fit the one that the code was written for, which was served instead.',
    remedy:
      'The message says in what they differ. Deploy code for that version, or move the label to one with the same variables and output.',
  },
  'prompt-source-failed': {
    meaning:
      'The source of a registry could not be read. Thrown only where nothing is known of the prompt from before.',
    remedy:
      'The cause is the source’s own error; it is asked again by itself. Give `get` a prompt instead of a name to have one in any case.',
  },
  'caller-required': {
    meaning:
      'A provider or a limit that depends on the caller was used with no caller in scope, or under another caller.',
    remedy: 'Take the client inside `llm.run({ tenant, … }, …)` or from `llm.with({ tenant, … }).clients`.',
  },
  unsupported: {
    meaning:
      'The target cannot serve this request as it was written, and it may not or cannot be translated.',
    remedy:
      'Leave out what the message names, choose another target, or allow the loss with `onUnsupported: "drop"`.',
  },
  'unreadable-answer': {
    meaning:
      'What came back cannot be read as an answer, and had to be: by a translation, or by the neutral API.',
    remedy: 'Ask again; if it lasts, look at the provider’s base URL: something else may answer there.',
  },
  'unknown-target': {
    meaning: 'The model names no route and no provider that this call could go to.',
    remedy: 'Use a route, `provider/model`, or one of the provider’s own models on its own client.',
  },
  'all-targets-failed': {
    meaning: 'Every target of the route was tried and failed.',
    remedy: '`details.failures` has one entry per attempt; the last provider’s own error is the cause.',
  },
  'all-attempts-failed': {
    meaning: 'A target was asked several times and failed each time.',
    remedy:
      '`details.failures` has one entry per attempt, `details.stopped` says why there was no further one; the last failure is the cause.',
  },
  'attempt-limit': {
    meaning: 'The call has made as many attempts, over all its targets, as `maxAttemptsPerCall` allows.',
    remedy: 'Raise `maxAttemptsPerCall` of `retry()`, or give the route fewer targets.',
  },
  'circuit-open': {
    meaning: 'The target failed too often of late, so it is left alone for a while.',
    remedy: 'Ask again after `retryAfterMs`, or give the route another target.',
  },
  'target-disabled': {
    meaning: 'The provider, model or target was switched off by hand.',
    remedy: '`details.reason` says why; `revive` of the breaker switches it on again.',
  },
  'stream-cut': {
    meaning: 'A stream ended without the event that ends it, so the answer is incomplete.',
    remedy:
      'Ask again; if a provider never sends that event, declare `quirks: { mayEndWithoutTerminal: true }`.',
  },
  'time-limit': {
    meaning:
      'An attempt or a part of it, the call, or the pause of a stream’s reader took longer than its limit.',
    remedy:
      '`details.limit` names what to raise: an option of `timeLimits`, `deadlineMs`, or `answer`, the `timeout` of the SDK. For a reader’s pause it is `unreadStreamMs`.',
  },
  'interceptor-fault': {
    meaning: 'An interceptor threw, or broke the contract.',
    remedy: 'The message names the interceptor; its own error is the cause.',
  },
  'provider-failure': {
    meaning: 'The provider answered with an error: neutral API, and any stream that had begun.',
    remedy:
      '`details` has the target, its status, the kind of failure and its own code; its own words are the cause.',
  },
  'connection-failed': {
    meaning:
      'The provider could not be reached, or the connection broke: neutral API, and any stream that had begun.',
    remedy: 'The cause is the transport’s own error; `details.text` is what of a stream had come.',
  },
  'invalid-output': {
    meaning: 'The answer to `llm.object` does not fit its schema.',
    remedy: '`details.issues` says where and why. Ask with `repair: 1`, or make the schema simpler.',
  },
  refused: {
    meaning: 'An interceptor refused the call.',
    remedy: 'The message says which rule and why.',
  },
  throttled: {
    meaning:
      'The call would have exceeded a limit of its provider, and got no turn: its route has another target, too many waited already, or it has waited too long.',
    remedy:
      '`details` names the limit and the reason. Send less at once, raise the limit, `maxQueue` or `maxWaitMs`, or give the route another target.',
  },
  'limit-exceeded': {
    meaning: 'The caller has made as many requests as `limit` allows for now.',
    remedy: 'Ask again at `details.resetAt`, or raise the limit.',
  },
  'budget-exceeded': {
    meaning: 'The attempt could cost more than a budget has left.',
    remedy:
      '`details` has the budget, what is used and reserved, its limit, and when it is reset. Ask again then, raise the limit, or ask for less.',
  },
  'ceiling-exceeded': {
    meaning: 'The attempt could cost more than `maxCostUsd` of a scope, or of one round it, has left.',
    remedy:
      '`details.spent` says what was spent, by target and operation. Raise `maxCostUsd`, or ask for less: a lower output limit, a cheaper model.',
  },
  'unknown-price': {
    meaning: 'A budget in USD covers the call, and what its target costs is not known.',
    remedy:
      'State the price under `models`, or what the target is; or say `onUnknownPrice`. Local models cost 0.',
  },
  'unbounded-cost': {
    meaning: 'A strict budget or a ceiling covers the call, and nothing bounds what it can cost.',
    remedy:
      'The message says what has no bound. Bound it (`max_uses`), give it a fixed price with `passthroughUsd`, or use `reserve: "expected"`.',
  },
  'state-unreachable': {
    meaning: 'The store that several processes share could not be asked.',
    remedy:
      'Check that it is up and that its client is connected; it is asked again by itself. What needs it says what it does meanwhile.',
  },
  'state-incompatible': {
    meaning: 'What is stored was written by a newer version of this package, or is not ours.',
    remedy: 'Update the package in this process, or give it a store, a schema or a prefix of its own.',
  },
  'state-not-durable': {
    meaning:
      'Reported, never thrown: a budget over a day or longer is kept in this process alone, and gone with it; or a state has lost labels of prompts, which were put back as a process knew them.',
    remedy:
      'Give the `ManagedLLM` a state that lasts: `sqliteState`, `redisState`, `postgresState`. Let Redis keep its data.',
  },
  'no-model-fits': {
    meaning: 'None of the models that `pick` chooses from can serve the call.',
    remedy:
      '`llm.explain` says of each what it lacks. Add a model to `from`, ask for less, or state what is missing under `models`.',
  },
  'model-retires': {
    meaning:
      'Reported, never thrown: a model that is in use, or that a route leads to, stops being served on a day, or did.',
    remedy:
      '`details` has the day, the days left and what its provider recommends instead. Move to another model; if the day does not hold for you, say `retiresAt` under `models`.',
  },
  'pin-not-served': {
    meaning: 'Reported, never thrown: a provider served another model than the snapshot that was asked for.',
    remedy:
      '`details` has both. Answers may differ from those that were measured: pin another snapshot, or ask the provider.',
  },
  closed: {
    meaning: '`llm.close()` was called; no new calls are taken.',
    remedy: 'Stop sending before you close, or send to another process.',
  },
};
