import { existsSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureKinds, type FailureKind } from '../../../src/core/call-error.ts';
import { connectionFailure, inBandFailure, providerFailure } from '../../../src/core/classify.ts';
import { retryAfterMs } from '../../../src/core/retry-after.ts';
import {
  anthropicMessages,
  neutral,
  openaiChat,
  openaiEmbeddings,
  openaiResponses,
} from '../../../src/dialects/index.ts';

const none = new Headers();
const kindOf = (status: number, body: unknown, headers = none): FailureKind =>
  providerFailure(status, headers, body).kind;

const openai = (message: string, type: string | null, code: string | number | null = null): unknown => ({
  error: { message, type, param: null, code },
});
const anthropic = (type: string, message: string, details?: unknown): unknown => ({
  type: 'error',
  error: { type, message, ...(details === undefined ? {} : { details }) },
  request_id: 'req_1',
});

type Row = readonly [status: number, body: unknown, kind: FailureKind];

const openaiRows: readonly Row[] = [
  [
    429,
    openai('Rate limit reached for gpt-5 on tokens per min (TPM).', 'tokens', 'rate_limit_exceeded'),
    'rate-limit',
  ],
  [429, openai('Your request rate increased too quickly.', 'rate_limit_error', 'slow_down'), 'rate-limit'],
  [429, openai('You exceeded your current quota.', 'insufficient_quota', 'insufficient_quota'), 'quota'],
  [429, openai('No credits are left.', 'insufficient_quota', 'credit_balance_exhausted'), 'quota'],
  [
    429,
    openai('The project is at its limit.', 'insufficient_quota', 'project_spend_limit_exceeded'),
    'quota',
  ],
  [429, openai('Your account is not active.', 'billing_not_active', 'billing_not_active'), 'quota'],
  [
    400,
    openai('Billing hard limit has been reached', 'invalid_request_error', 'billing_hard_limit_reached'),
    'quota',
  ],
  [429, openai('Resource unavailable', 'resource_unavailable', 'resource_unavailable'), 'overloaded'],
  [503, openai('Slow down.', 'service_unavailable_error', 'slow_down'), 'overloaded'],
  [503, openai('Overloaded.', 'service_unavailable_error', 'server_is_overloaded'), 'overloaded'],
  [500, openai('The server had an error.', 'server_error'), 'server'],
  [502, '<html>502 Bad Gateway</html>', 'server'],
  [504, '', 'timeout'],
  [408, undefined, 'timeout'],
  [401, openai('Incorrect API key provided: sk-.', 'invalid_request_error', 'invalid_api_key'), 'auth'],
  [403, openai('Country not supported', 'request_forbidden', 'unsupported_country_region_territory'), 'auth'],
  [404, openai('The model `x` does not exist.', 'invalid_request_error', 'model_not_found'), 'not-found'],
  [
    400,
    openai("The requested model 'x' does not exist.", 'invalid_request_error', 'model_not_found'),
    'not-found',
  ],
  [409, openai('Conflict', 'conflict_error'), 'conflict'],
  [400, openai('Unknown parameter', 'invalid_request_error', 'unknown_parameter'), 'invalid-request'],
  [422, openai('Unprocessable', 'invalid_request_error'), 'invalid-request'],
  [
    400,
    openai('Your input exceeds the context window.', 'invalid_request_error', 'context_length_exceeded'),
    'context-overflow',
  ],
  [
    400,
    openai('Your prompt was blocked.', 'invalid_request_error', 'content_policy_violation'),
    'content-policy',
  ],
  [
    400,
    openai(
      'Invalid prompt: your prompt was flagged as potentially violating our usage policy.',
      'invalid_request_error',
      'invalid_prompt',
    ),
    'content-policy',
  ],
  // Azure
  [
    400,
    {
      error: {
        message: "The response was filtered due to the prompt triggering Azure OpenAI's policy.",
        type: null,
        param: 'prompt',
        code: 'content_filter',
        status: 400,
        innererror: {
          code: 'ResponsibleAIPolicyViolation',
          content_filter_result: { hate: { filtered: true } },
        },
      },
    },
    'content-policy',
  ],
  [
    400,
    { error: { code: '400', message: 'm', innererror: { code: 'ResponsibleAIPolicyViolation' } } },
    'content-policy',
  ],
  [401, { error: { code: '401', message: 'Access denied due to invalid subscription key.' } }, 'auth'],
  [
    404,
    { error: { code: 'DeploymentNotFound', message: 'The API deployment does not exist.' } },
    'not-found',
  ],
  // OpenRouter
  [402, { error: { code: 402, message: 'Insufficient credits' } }, 'quota'],
  [
    402,
    { error: { code: 402, message: 'm', metadata: { limit_source: 'openrouter_in_flight_budget' } } },
    'rate-limit',
  ],
  [
    403,
    { error: { code: 403, message: 'm', metadata: { limit_source: 'openrouter_guardrail_budget' } } },
    'quota',
  ],
  [
    403,
    { error: { code: 403, message: 'flagged', metadata: { reasons: ['violence'], flagged_input: 'x' } } },
    'content-policy',
  ],
  [
    429,
    { error: { code: 429, message: 'Provider returned error', metadata: { raw: 'slow' } } },
    'rate-limit',
  ],
  [400, { error: { code: 400, message: 'foo/bar is not a valid model ID' } }, 'not-found'],
  // Groq, DeepSeek, Perplexity, Mistral, xAI, Gemini, Moonshot
  [
    413,
    openai('Request too large for model on tokens per minute.', 'tokens', 'rate_limit_exceeded'),
    'context-overflow',
  ],
  [498, openai('Flex tier capacity exceeded', 'capacity'), 'overloaded'],
  [402, openai('Insufficient Balance', 'unknown_error', 'invalid_request_error'), 'quota'],
  [
    400,
    openai(
      "This model's maximum context length is 1048565 tokens. However, you requested 1250025 tokens.",
      'invalid_request_error',
      'invalid_request_error',
    ),
    'context-overflow',
  ],
  [
    400,
    openai('The total length of all messages is too long.', 'too_many_prompt_tokens', 400),
    'context-overflow',
  ],
  [
    400,
    {
      object: 'error',
      message:
        'Prompt contains 65673 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
      type: 'invalid_request_error',
      code: '3051',
    },
    'context-overflow',
  ],
  [
    400,
    {
      code: 'Client specified an invalid argument',
      error: "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
    },
    'context-overflow',
  ],
  [
    400,
    { code: 'Client specified an invalid argument', error: 'Incorrect API key provided: xa***.' },
    'auth',
  ],
  [400, [{ error: { code: 400, message: 'API key not valid. Please pass a valid API key.' } }], 'auth'],
  [
    429,
    [{ error: { code: 429, message: 'You exceeded your current quota', status: 'RESOURCE_EXHAUSTED' } }],
    'rate-limit',
  ],
  [429, openai('The engine is currently overloaded', 'engine_overloaded_error'), 'overloaded'],
  // vLLM, llama.cpp, llama-cpp-python, Ollama, LM Studio, text-generation-inference
  [
    400,
    {
      object: 'error',
      message: "This model's maximum context length is 16384 tokens. However, you requested 122946 tokens.",
      type: 'BadRequestError',
      param: null,
      code: 400,
    },
    'context-overflow',
  ],
  [
    400,
    { object: 'error', message: 'max_tokens must be at least 1, got -186.', code: 400 },
    'context-overflow',
  ],
  [
    400,
    openai('The decoder prompt (length 9000) is longer than the maximum model length of 4096.', null, 400),
    'context-overflow',
  ],
  [
    404,
    { object: 'error', message: 'The model `x` does not exist.', type: 'NotFoundError', code: 404 },
    'not-found',
  ],
  [
    500,
    {
      error: {
        code: 500,
        message: 'm',
        type: 'exceed_context_size_error',
        n_prompt_tokens: 1407,
        n_ctx: 256,
      },
    },
    'context-overflow',
  ],
  [
    400,
    openai('request (9000 tokens) exceeds the available context size (4096 tokens), try it', null),
    'context-overflow',
  ],
  [503, { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } }, 'overloaded'],
  [400, openai('Requested tokens (2285) exceed context window of 2048', null), 'context-overflow'],
  [
    400,
    openai(
      'prompt too long; exceeded max context length by 1119046 tokens (ref: 9)',
      'invalid_request_error',
    ),
    'context-overflow',
  ],
  [400, openai('the input length exceeds the context length', 'api_error'), 'context-overflow'],
  [404, openai('model "x" not found, try pulling it first', 'api_error'), 'not-found'],
  [
    400,
    {
      error:
        'The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 9>= n_ctx: 4).',
    },
    'context-overflow',
  ],
  [
    400,
    {
      error:
        'Trying to keep the first 9 tokens when context the overflows. However, the model is loaded with less.',
    },
    'context-overflow',
  ],
  [400, openai('No models loaded. Please load a model first.', 'invalid_request_error'), 'not-found'],
  [
    422,
    {
      error: 'Input validation error: `inputs` must have less than 1024 tokens. Given: 2000',
      error_type: 'validation',
    },
    'context-overflow',
  ],
];

const anthropicRows: readonly Row[] = [
  [529, anthropic('overloaded_error', 'Overloaded'), 'overloaded'],
  [429, anthropic('rate_limit_error', 'This request would exceed your rate limit.'), 'rate-limit'],
  [429, anthropic('rate_limit_error', 'm', { error_code: 'ramp_limit_exceeded' }), 'rate-limit'],
  [429, anthropic('rate_limit_error', 'm', { error_code: 'enforced_spend_limit_reached' }), 'quota'],
  [429, anthropic('rate_limit_error', 'm', { error_code: 'contract_spend_limit_reached' }), 'quota'],
  [402, anthropic('billing_error', 'm', { error_code: 'linked_organization_billing_unavailable' }), 'quota'],
  [
    400,
    anthropic('invalid_request_error', 'Your credit balance is too low to access the Anthropic API. Buy.'),
    'quota',
  ],
  [
    400,
    anthropic(
      'invalid_request_error',
      'You have reached your specified API usage limits. You will regain access.',
    ),
    'quota',
  ],
  [
    400,
    anthropic('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'),
    'context-overflow',
  ],
  [400, anthropic('invalid_request_error', 'Prompt is too long'), 'context-overflow'],
  [
    400,
    anthropic(
      'invalid_request_error',
      'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease',
    ),
    'context-overflow',
  ],
  [413, anthropic('request_too_large', 'Request exceeds the maximum size'), 'context-overflow'],
  [413, '<html>cloudflare</html>', 'context-overflow'],
  [400, anthropic('invalid_request_error', 'Output blocked by content filtering policy'), 'content-policy'],
  [400, anthropic('invalid_request_error', 'max_tokens: Field required'), 'invalid-request'],
  [
    400,
    anthropic('invalid_request_error', 'm', { error_code: 'thread_unsupported_request' }),
    'invalid-request',
  ],
  [400, anthropic('invalid_request_error', 'm', { error_code: 'organization_on_hold' }), 'auth'],
  [401, anthropic('authentication_error', 'invalid x-api-key'), 'auth'],
  [403, anthropic('permission_error', 'm'), 'auth'],
  [404, anthropic('not_found_error', 'model: claude-x'), 'not-found'],
  [409, anthropic('conflict_error', 'm'), 'conflict'],
  [500, anthropic('api_error', 'Internal server error'), 'server'],
  [504, anthropic('timeout_error', 'm'), 'timeout'],
  // Bedrock
  [400, { message: 'Input is too long for requested model.' }, 'context-overflow'],
  [400, { message: 'The provided model identifier is invalid.' }, 'not-found'],
  [424, { message: 'The request failed due to an error while processing the model.' }, 'server'],
];

describe('a failure is what its code says, else its status, else its words', () => {
  it.each(openaiRows.map((row, at) => [at, ...row] as const))(
    'OpenAI and its like %i: %i is %3$s',
    (_at, status, body, kind) => {
      expect(kindOf(status, body)).toBe(kind);
    },
  );

  it.each(anthropicRows.map((row, at) => [at, ...row] as const))(
    'Anthropic %i: %i is %3$s',
    (_at, status, body, kind) => {
      expect(kindOf(status, body)).toBe(kind);
    },
  );

  it('also where Bedrock says it in a header', () => {
    const headers = new Headers({ 'x-amzn-errortype': 'ServiceQuotaExceededException:http://internal/' });
    expect(kindOf(400, { message: 'm' }, headers)).toBe('quota');
    expect(kindOf(429, { message: 'm' }, new Headers({ 'x-amzn-errortype': 'ThrottlingException' }))).toBe(
      'rate-limit',
    );
  });

  it('has the traits of its kind, and tells nothing of the provider’s own words', () => {
    for (const [status, body] of [...openaiRows, ...anthropicRows]) {
      const failure = providerFailure(status, none, body);
      const { retryable, fallbackable, countsForBreaker } = failure;
      expect({ retryable, fallbackable, countsForBreaker }).toEqual(failureKinds[failure.kind]);
      const told = [failure.status, failure.cause];
      expect(told).toEqual([status, body]);
      expect(failure.message).toMatch(/^The provider answered with status \d{3}( \([^)]{1,100}\))?\.$/);
    }
  });

  it('has Anthropic’s stable code before its type', () => {
    const body = anthropic('rate_limit_error', 'm', { error_code: 'ramp_limit_exceeded' });
    expect(providerFailure(429, none, body).code).toBe('ramp_limit_exceeded');
  });
});

describe('words decide nothing that a status or a code has decided', () => {
  const overflow = 'prompt is too long: 210000 tokens > 200000 maximum';

  it.each([
    [500, anthropic('api_error', overflow), 'server'],
    [529, anthropic('overloaded_error', overflow), 'overloaded'],
    [429, anthropic('rate_limit_error', overflow), 'rate-limit'],
    [401, anthropic('authentication_error', overflow), 'auth'],
    [502, overflow, 'server'],
    [400, anthropic('invalid_request_error', `messages.0: unexpected text "${overflow}"`), 'invalid-request'],
    [
      400,
      openai(`Invalid value: '${overflow}'`, 'invalid_request_error', 'invalid_value'),
      'invalid-request',
    ],
    [
      400,
      openai("You wrote: This model's maximum context length is 5 tokens.", 'invalid_request_error'),
      'invalid-request',
    ],
    [400, openai('Context: the prompt is too long and boring', 'invalid_request_error'), 'invalid-request'],
    [
      400,
      openai('insufficient_quota, said the user; content_filter', 'invalid_request_error'),
      'invalid-request',
    ],
    [
      400,
      { error: { message: { text: overflow }, code: { context_length_exceeded: true } } },
      'invalid-request',
    ],
    [400, { context_length_exceeded: 1, messages: [overflow] }, 'invalid-request'],
    [400, overflow, 'invalid-request'],
  ] as const)('%#: %i stays %3$s', (status, body, kind) => {
    expect(kindOf(status, body)).toBe(kind);
  });

  it('nor do names that an object has by birth', () => {
    for (const code of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
      expect(providerFailure(500, none, openai('m', code, code))).toMatchObject({ kind: 'server', code });
  });

  it('a response that failed is not classified by the application’s own metadata', () => {
    const response = {
      status: 'failed',
      error: null,
      metadata: { limit_source: 'openrouter_credits', reasons: ['x'] },
    };
    expect(openaiResponses.reply.failure(response)).toMatchObject({ kind: 'server' });
  });

  it('a code that is a sentence is no code', () => {
    const { code, message } = providerFailure(400, none, openai('m', 'x'.repeat(101), 'y'.repeat(101)));
    expect([code, message]).toEqual([undefined, 'The provider answered with status 400.']);
  });
});

describe('a failure told without a status', () => {
  it.each([
    [{ type: 'error', error: { type: 'overloaded_error', message: 'm' } }, 'overloaded', 529],
    [{ type: 'error', error: { type: 'rate_limit_error', message: 'm' } }, 'rate-limit', 429],
    [
      { type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long' } },
      'context-overflow',
      400,
    ],
    [{ type: 'throttlingException', message: 'm' }, 'rate-limit', 429],
    [{ type: 'modelStreamErrorException', message: 'm' }, 'server', 500],
    [openai('m', 'server_error', 'server_error'), 'server', 500],
    [openai('m', 'insufficient_quota', 'insufficient_quota'), 'quota', 429],
    [openai('m', 'invalid_request_error', 'context_length_exceeded'), 'context-overflow', 400],
    [openai('m', 'service_unavailable_error', 'server_is_overloaded'), 'overloaded', 503],
    [{ error: { code: 502, message: 'm' } }, 'server', 502],
    [{ error: { code: '429', message: 'm' } }, 'rate-limit', 429],
    [{ error: 'Context size has been exceeded.' }, 'context-overflow', 400],
    [{ error: { message: 'Something else' } }, 'server', 500],
    [{ error: { message: 'prompt is too long', type: 'new_error' } }, 'server', 500],
    [{ code: 'vector_store_timeout', message: 'm' }, 'timeout', 504],
    [{ code: 'image_content_policy_violation', message: 'm' }, 'content-policy', 400],
    [{ code: 'invalid_image_url', message: 'm' }, 'invalid-request', 400],
    [{ error: { code: 200, message: 'm' } }, 'server', 500],
    [undefined, 'server', 500],
  ] as const)('%#: %j is %s, as with %i', (body, kind, status) => {
    const failure = inBandFailure(body);
    expect(failure).toMatchObject({ kind, status, ...failureKinds[kind] });
    expect(failure.message).not.toMatch(/too long|Something/);
  });

  it('in place of a plain answer is told from an answer, in every dialect', () => {
    const error = { code: 429, message: 'm' };
    const choice = { index: 0, finish_reason: 'stop', message: { content: 'Hi' } };
    const rows = [
      [openaiChat, { error }, true],
      [openaiChat, { error, choices: [] }, true],
      [openaiChat, { choices: [{ index: 0, finish_reason: 'error', error }] }, true],
      [openaiChat, { choices: [{ index: 0, error }, choice] }, false],
      [openaiChat, { error: null, choices: [choice] }, false],
      [openaiChat, { error, choices: [choice] }, false],
      [openaiChat, { error: '' }, false],
      [openaiResponses, { status: 'failed', error, output: [] }, true],
      [openaiResponses, { status: 'failed', error: null, output: [] }, true],
      [openaiResponses, { error }, true],
      [openaiResponses, { status: 'completed', error: null, output: [] }, false],
      [
        openaiResponses,
        { status: 'incomplete', incomplete_details: { reason: 'content_filter' }, output: [] },
        false,
      ],
      [openaiResponses, { status: 'cancelled', error: null, output: [] }, false],
      [openaiEmbeddings, { error }, true],
      [openaiEmbeddings, { data: [] }, false],
      [anthropicMessages, { type: 'error', error: { type: 'api_error' } }, true],
      [anthropicMessages, { type: 'message', content: [], stop_reason: 'refusal' }, false],
      [neutral, { error: { kind: 'quota' } }, true],
      [neutral, { content: [] }, false],
    ] as const;
    for (const [{ reply, id }, json, hasFailed] of rows) {
      expect([id, json, reply.failure(json) !== undefined]).toEqual([id, json, hasFailed]);
      // The cheap look may err on one side only.
      for (const text of [JSON.stringify(json), JSON.stringify(json, null, 2)])
        if (hasFailed) expect([text, reply.mayFail(text)]).toEqual([text, true]);
    }
  });

  it('is not looked for where the text cannot hold it', () => {
    const healthy = JSON.stringify({
      choices: [{ message: { content: 'He said "error": {"code":1} and "status":"failed"' } }],
      error: null,
      type: 'error',
    });
    for (const { reply } of [openaiChat, openaiEmbeddings, anthropicMessages, neutral, openaiResponses])
      expect(reply.mayFail(healthy)).toBe(false);
    expect(openaiResponses.reply.mayFail('{ "error" : null , "status": "completed" }')).toBe(false);
    expect(openaiChat.reply.mayFail('{ "error"\r\n\t : \n{} }')).toBe(true);
    expect(openaiChat.reply.mayFail('{"error')).toBe(false);
  });

  it('is never missed by the cheap look', () => {
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom(0, 1, 4), fc.boolean(), (extra, indent, isFirst) => {
        const error = { code: 500, message: extra };
        const json = isFirst ? { error, extra } : { extra, error };
        const text = JSON.stringify(
          json,
          (_key, value: unknown) => (typeof value === 'bigint' ? 0 : value),
          indent,
        );
        for (const { reply } of [openaiChat, openaiResponses, openaiEmbeddings, anthropicMessages, neutral]) {
          expect(reply.failure(JSON.parse(text))).toBeDefined();
          expect(reply.mayFail(text)).toBe(true);
        }
      }),
    );
  });
});

describe('what a transport throws', () => {
  const chained = (code: string, message = 'fetch failed'): Error =>
    new TypeError(message, { cause: Object.assign(new Error('m'), { code }) });

  it.each([
    [chained('ECONNREFUSED'), 'connection', 'ECONNREFUSED'],
    [chained('UND_ERR_SOCKET'), 'connection', 'UND_ERR_SOCKET'],
    [chained('UND_ERR_HEADERS_TIMEOUT'), 'timeout', 'UND_ERR_HEADERS_TIMEOUT'],
    [chained('ETIMEDOUT'), 'timeout', 'ETIMEDOUT'],
    [new Error('Connection error.', { cause: chained('ENOTFOUND') }), 'connection', 'ENOTFOUND'],
    [
      new TypeError('fetch failed', {
        cause: new AggregateError([Object.assign(new Error('m'), { code: 'ECONNREFUSED' })]),
      }),
      'connection',
      'ECONNREFUSED',
    ],
    [new DOMException('The operation timed out.', 'TimeoutError'), 'timeout', undefined],
    [new Error('Request timed out.'), 'timeout', undefined],
    ['timeout', 'timeout', undefined],
    [new Error('boom'), 'connection', undefined],
    [undefined, 'connection', undefined],
    [null, 'connection', undefined],
  ] as const)('%#: %s is %s', (thrown, kind, code) => {
    expect(connectionFailure(thrown)).toMatchObject({ kind, code, cause: thrown, status: undefined });
  });

  it('may be caused by itself', () => {
    const error = new Error('round');
    error.cause = error;
    expect(connectionFailure(error).kind).toBe('connection');
  });
});

describe('classification', () => {
  const body = fc.oneof(
    fc.jsonValue(),
    fc.record({ error: fc.jsonValue() }),
    fc.record({
      error: fc.record({
        code: fc.jsonValue(),
        type: fc.jsonValue(),
        message: fc.jsonValue(),
        metadata: fc.jsonValue(),
      }),
    }),
    fc.anything(),
  );

  it('never throws, and always comes to a kind with its traits', () => {
    fc.assert(
      fc.property(body, fc.integer({ min: 400, max: 599 }), (json, status) => {
        for (const failure of [
          providerFailure(status, none, json),
          inBandFailure(json),
          connectionFailure(json),
        ]) {
          const { kind, retryable, fallbackable, countsForBreaker } = failure;
          expect({ retryable, fallbackable, countsForBreaker }).toEqual(failureKinds[kind]);
          expect(['aborted', 'refused', 'bug', 'cut']).not.toContain(kind);
        }
        expect(inBandFailure(json).status).toBeGreaterThanOrEqual(400);
      }),
      { numRuns: 500 },
    );
  });

  it('a message of any length is read in no time', () => {
    const hostile = openai(`${'a'.repeat(300_000)} is not a valid model ID`, 'invalid_request_error');
    expect(kindOf(400, hostile)).toBe('invalid-request');
  });
});

describe('whether to ask again', () => {
  it('is decided by a server that says so, but for an empty account', () => {
    const say = (status: number, value: string, bodyOf: unknown = {}): boolean =>
      providerFailure(status, new Headers({ 'x-should-retry': value }), bodyOf).retryable;
    expect(say(400, 'true')).toBe(true);
    expect(say(429, 'false')).toBe(false);
    expect(say(500, 'perhaps')).toBe(true);
    expect(say(402, 'true')).toBe(false);
    expect(say(429, 'true', openai('m', 'insufficient_quota'))).toBe(false);
  });

  const now = (): number => Date.UTC(2026, 10, 24);
  const in5s = new Date(now() + 5_000).toUTCString();

  it.each([
    [{}, undefined],
    [{ 'retry-after': '3' }, 3_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after-ms': '250', 'retry-after': '7' }, 250],
    [{ 'retry-after-ms': 'x', 'retry-after': '7' }, 7_000],
    [{ 'retry-after': in5s }, 5_000],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after-ms': '-5', 'retry-after': '7' }, undefined],
    [{ 'retry-after': new Date(now() - 5_000).toUTCString() }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '' }, undefined],
    [{ 'retry-after': 'Infinity' }, undefined],
    [{ 'retry-after': '1e12' }, undefined],
    [{ 'retry-after-ms': '2147483647' }, 2_147_483_647],
    [{ 'retry-after-ms': '2147483648' }, undefined],
  ])('%j asks for a wait of %s ms', (headers, ms) => {
    expect(retryAfterMs(new Headers(headers), now)).toBe(ms);
    for (const status of [429, 503, 529])
      expect(providerFailure(status, new Headers(headers), {}, now).retryAfterMs).toBe(ms);
  });
});

describe('docs/failures.md', () => {
  it('has each kind with its traits, and no other', () => {
    const rows = readFileSync('docs/failures.md', 'utf8')
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter(([, kind]) => kind?.startsWith('`') === true);
    const told = Object.fromEntries(
      rows.map(([, kind, retryable, fallbackable, countsForBreaker, toldBy]) => {
        expect(toldBy).not.toBe('');
        const is = (cell: string | undefined): unknown => ({ yes: true, no: false })[String(cell)];
        return [
          kind?.replaceAll('`', ''),
          {
            retryable: is(retryable),
            fallbackable: is(fallbackable),
            countsForBreaker: is(countsForBreaker),
          },
        ];
      }),
    );
    expect(told).toEqual(failureKinds);
  });
});

const recordings = '../shared/recordings/exchanges.jsonl';

describe.skipIf(!existsSync(recordings))('recorded traffic', () => {
  interface Recorded {
    readonly id: string;
    readonly operation: string;
    readonly response: { readonly status: number; readonly body?: unknown; readonly sse?: string };
  }
  const exchanges = (): Recorded[] =>
    readFileSync(recordings, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Recorded);

  it('fails as it was meant', () => {
    const kinds = exchanges()
      .filter(({ response }) => response.status >= 400)
      .map(
        ({ id, response }) =>
          `${id.replace(/-[0-9a-f]+$/, '')} ${response.status} ${kindOf(response.status, response.body)}`,
      );
    expect(kinds.toSorted()).toEqual([
      'azure-openai-embeddings 401 auth',
      'deepseek-chat 400 context-overflow',
      'groq-chat 404 not-found',
      'ollama-cloud-chat 400 context-overflow',
      'openai-chat 400 invalid-request',
      'openai-chat 400 invalid-request',
      'openai-chat 400 invalid-request',
      'openai-chat 400 invalid-request',
      'openai-chat 401 auth',
      'openai-chat 401 auth',
      'openai-chat 404 not-found',
      'openai-embeddings 404 not-found',
      'openai-responses 400 context-overflow',
      'openai-responses 400 not-found',
      'openrouter-chat 429 rate-limit',
      'perplexity-chat 400 context-overflow',
    ]);
  });

  it('is not taken for a failure where it answers, nor parsed to find out', () => {
    const lenses = {
      chat: openaiChat,
      responses: openaiResponses,
      embeddings: openaiEmbeddings,
      messages: anthropicMessages,
    };
    let plain = 0;
    let parsed = 0;
    for (const { id, operation, response } of exchanges()) {
      const lens = Object.entries(lenses).find(([name]) => operation.endsWith(name))?.[1];
      if (lens === undefined || response.status !== 200 || response.body === undefined) continue;
      plain++;
      expect([id, lens.reply.failure(response.body)]).toEqual([id, undefined]);
      if (lens.reply.mayFail(JSON.stringify(response.body))) parsed++;
    }
    expect(plain).toBeGreaterThan(100);
    expect(parsed / plain).toBeLessThan(0.05);
  });
});
