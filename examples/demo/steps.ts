import type Anthropic from '@anthropic-ai/sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import type OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { ManagedLLMError, type Receipt } from 'managed-llm';
import type { StandIn } from 'managed-llm/testing';
import * as z from 'zod';

/** One thing an application does, and what must be true of the calls it made. */
export interface Step {
  readonly name: string;
  readonly user: string;
  readonly tenant: string;
  /** Returns what it got, in one line. */
  run(): Promise<string>;
  /** What that is when the stand-in answers. */
  readonly says: string;
  expect(receipts: readonly Receipt[]): Readonly<Record<string, boolean>>;
}

interface Script {
  readonly llm: { readonly clients: { readonly openai: OpenAI; readonly anthropic: Anthropic } };
  readonly models: { readonly openai: string; readonly anthropic: string };
  /** The stand-in, where the answers come from it. */
  readonly provider: StandIn | undefined;
}

const City = z.object({ city: z.string(), country: z.string() });
const words = Array.from({ length: 40 }, (_, index) => `word${index + 1} `);
const weatherIn = ({ city }: { city: string }): string => `18 degrees and clear in ${city || 'Paris'}`;
const cardRefused =
  'PermissionDeniedError, as from the provider: `no-card-numbers`: the request contains a card number. Remove it.';
const cardNumber = ['4111', '1111', '1111', '1111'].join(' ');

/** What the stand-in says where its rule of thumb would be dull. */
export function rehearse(provider: StandIn): void {
  provider.always({ latencyMs: 15, betweenEventsMs: 4 });
  const asks = (text: string) => (request: { readonly bodyText: string }) => request.bodyText.includes(text);
  provider.when(asks('Count slowly'), { text: words, latencyMs: 10, betweenEventsMs: 10 });
  provider.when(asks('json_schema'), { json: { city: 'Paris', country: 'France' }, latencyMs: 25 });
  for (const path of ['/chat/completions', '/messages']) {
    const busy = { status: 429, headers: { 'retry-after-ms': '20' } } as const;
    provider.when((request) => request.path.endsWith(path) && asks('Patience')(request), busy, { times: 1 });
  }
}

export const finished = (receipts: readonly Receipt[], calls = 1) => ({
  [`${calls} call${calls === 1 ? '' : 's'}`]: receipts.length === calls,
  'all finished': receipts.every(({ outcome }) => outcome === 'finished'),
  'tokens are known': receipts.every(({ usage }) => usage?.outputTokens !== undefined),
});

const streamed = ([receipt]: readonly Receipt[]) => ({
  'a stream with a first event': receipt?.stream === true && receipt.firstEventMs !== undefined,
});

const fellBack = ([receipt]: readonly Receipt[]) => ({
  'the first target failed, the second served':
    receipt?.attempts.map(({ outcome }) => outcome).join() === 'failed,finished',
  'it says who served': receipt?.target?.provider.startsWith('busy-') === false,
});

const abandoned = (receipts: readonly Receipt[], provider: StandIn | undefined) => {
  const last = provider?.requests.at(-1);
  return {
    'one call, settled as abandoned': receipts.map(({ outcome }) => outcome).join() === 'abandoned',
    'the provider stopped':
      provider === undefined || (last?.cancelled === true && last.eventsProduced < words.length),
  };
};

const refused = ([receipt]: readonly Receipt[]) => ({
  'refused before anything was sent': receipt?.outcome === 'refused' && receipt.attempts.length === 0,
});

/** Runs what must be refused, and says how the application saw it. */
async function refusalOf(ask: () => Promise<unknown>): Promise<string> {
  try {
    await ask();
  } catch (error) {
    const original = ManagedLLMError.from(error);
    if (original?.code !== 'refused' || !(error instanceof Error)) throw error;
    return `${error.constructor.name}, as from the provider: ${original.message}`;
  }
  throw new Error('was not refused');
}

/** What an application does with the `openai` client. */
export function openaiSteps({ llm, models, provider }: Script): readonly Step[] {
  const { completions } = llm.clients.openai.chat;
  const ask = (content: string, model = models.openai) => ({
    model,
    messages: [{ role: 'user' as const, content }],
  });
  return [
    {
      name: 'openai plain',
      says: 'You said: Say hello.',
      user: 'alice',
      tenant: 'acme',
      run: async () => (await completions.create(ask('Say hello.'))).choices[0]?.message.content ?? '',
      expect: (receipts) => finished(receipts),
    },
    {
      name: 'openai stream',
      says: 'You said: Say hello in a stream.',
      user: 'bob',
      tenant: 'globex',
      async run() {
        let text = '';
        for await (const chunk of await completions.create({
          ...ask('Say hello in a stream.'),
          stream: true,
        }))
          text += chunk.choices[0]?.delta.content ?? '';
        return text;
      },
      expect: (receipts) => ({ ...finished(receipts), ...streamed(receipts) }),
    },
    {
      name: 'openai structured',
      says: '{"city":"Paris","country":"France"}',
      user: 'alice',
      tenant: 'acme',
      async run() {
        const reply = await completions.parse({
          ...ask('Which city is the capital of France?'),
          response_format: zodResponseFormat(City, 'city'),
        });
        return JSON.stringify(City.parse(reply.choices[0]?.message.parsed));
      },
      expect: (receipts) => finished(receipts),
    },
    {
      name: 'openai tools',
      says: 'The tool said: 18 degrees and clear in Paris',
      user: 'bob',
      tenant: 'globex',
      async run() {
        const runner = completions.runTools({
          ...ask('Use get_weather: what is the weather in Paris?'),
          tools: [
            {
              type: 'function',
              function: {
                name: 'get_weather',
                description: 'The weather in a city.',
                parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
                parse: (input: string) => z.object({ city: z.string() }).parse(JSON.parse(input)),
                function: weatherIn,
              },
            },
          ],
        });
        return (await runner.finalContent()) ?? '';
      },
      expect: (receipts) => finished(receipts, 2),
    },
    {
      name: 'openai fallback',
      says: 'You said: Say hello, whoever can.',
      user: 'alice',
      tenant: 'acme',
      run: async () =>
        (await completions.create(ask('Say hello, whoever can.', 'smart-gpt'))).choices[0]?.message.content ??
        '',
      expect: (receipts) => ({ ...finished(receipts), ...fellBack(receipts) }),
    },
    ...offline(provider, {
      name: 'openai rate-limited once',
      says: 'You said: Patience.',
      user: 'bob',
      tenant: 'globex',
      run: async () => (await completions.create(ask('Patience.'))).choices[0]?.message.content ?? '',
      expect: (receipts) => ({ ...finished(receipts), 'two attempts': receipts[0]?.attempts.length === 2 }),
    }),
    {
      name: 'openai early break',
      says: 'left after 4 events',
      user: 'alice',
      tenant: 'acme',
      async run() {
        let events = 0;
        for await (const _ of await completions.create({ ...ask('Count slowly to fifty.'), stream: true }))
          if (++events === 4) break;
        return `left after ${events} events`;
      },
      expect: (receipts) => abandoned(receipts, provider),
    },
    {
      name: 'openai refused',
      says: cardRefused,
      user: 'bob',
      tenant: 'globex',
      run: () => refusalOf(() => completions.create(ask(`My card is ${cardNumber}.`))),
      expect: refused,
    },
  ];
}

/** The same with the `@anthropic-ai/sdk` client. */
export function anthropicSteps({ llm, models, provider }: Script): readonly Step[] {
  const { messages, beta } = llm.clients.anthropic;
  const ask = (content: string, model = models.anthropic) => ({
    model,
    max_tokens: 300,
    messages: [{ role: 'user' as const, content }],
  });
  const textOf = (content: readonly { readonly type: string }[]): string =>
    content.map((block) => ('text' in block ? String(block.text) : '')).join('');
  return [
    {
      name: 'anthropic plain',
      says: 'You said: Say hello.',
      user: 'alice',
      tenant: 'acme',
      run: async () => textOf((await messages.create(ask('Say hello.'))).content),
      expect: (receipts) => finished(receipts),
    },
    {
      name: 'anthropic stream',
      says: 'You said: Say hello in a stream.',
      user: 'bob',
      tenant: 'globex',
      run: () => messages.stream(ask('Say hello in a stream.')).finalText(),
      expect: (receipts) => ({ ...finished(receipts), ...streamed(receipts) }),
    },
    {
      name: 'anthropic structured',
      says: '{"city":"Paris","country":"France"}',
      user: 'alice',
      tenant: 'acme',
      async run() {
        const reply = await messages.parse({
          ...ask('Which city is the capital of France?'),
          output_config: { format: zodOutputFormat(City) },
        });
        return JSON.stringify(City.parse(reply.parsed_output));
      },
      expect: (receipts) => finished(receipts),
    },
    {
      name: 'anthropic tools',
      says: 'The tool said: 18 degrees and clear in Paris',
      user: 'bob',
      tenant: 'globex',
      async run() {
        const message = await beta.messages.toolRunner({
          ...ask('Use get_weather: what is the weather in Paris?'),
          tools: [
            betaZodTool({
              name: 'get_weather',
              description: 'The weather in a city.',
              inputSchema: z.object({ city: z.string() }),
              run: weatherIn,
            }),
          ],
        });
        return textOf(message.content);
      },
      expect: (receipts) => finished(receipts, 2),
    },
    {
      name: 'anthropic fallback',
      says: 'You said: Say hello, whoever can.',
      user: 'alice',
      tenant: 'acme',
      run: () => messages.stream(ask('Say hello, whoever can.', 'smart-claude')).finalText(),
      expect: (receipts) => ({ ...finished(receipts), ...fellBack(receipts) }),
    },
    ...offline(provider, {
      name: 'anthropic rate-limited once',
      says: 'You said: Patience.',
      user: 'bob',
      tenant: 'globex',
      run: async () => textOf((await messages.create(ask('Patience.'))).content),
      expect: (receipts) => ({ ...finished(receipts), 'two attempts': receipts[0]?.attempts.length === 2 }),
    }),
    {
      name: 'anthropic early break',
      says: 'left after 4 events',
      user: 'alice',
      tenant: 'acme',
      async run() {
        let events = 0;
        for await (const _ of await messages.create({ ...ask('Count slowly to fifty.'), stream: true }))
          if (++events === 4) break;
        return `left after ${events} events`;
      },
      expect: (receipts) => abandoned(receipts, provider),
    },
    {
      name: 'anthropic refused',
      says: cardRefused,
      user: 'bob',
      tenant: 'globex',
      run: () => refusalOf(() => messages.create(ask(`My card is ${cardNumber}.`))),
      expect: refused,
    },
  ];
}

/** Only the stand-in limits its rate on demand. */
function offline(provider: StandIn | undefined, step: Step): readonly Step[] {
  return provider === undefined ? [] : [step];
}
