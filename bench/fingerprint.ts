import { hash } from 'node:crypto';
import type { Host, Interceptor } from 'managed-llm';
import { plainFetch, prompt } from './canned.ts';
import type { Case, Group } from './case.ts';
import { governed, models } from './clients.ts';
import { pairedFigure } from './figure.ts';
import { pairedCpu } from './paired-cpu.ts';

/** What the key of a request adds to writing it as JSON once, as the SDK does. For each kB of it. */
export const fingerprint: Group = {
  heading: 'CPU of a fingerprint and its hash, beside `JSON.stringify`; a kB of request',
  cases: [
    ...[1, 10, 100].map((kilobytes) =>
      fingerprintCase(`one prompt of ${kilobytes} kB`, {
        messages: [{ role: 'user', content: prompt.repeat(kilobytes) }],
      }),
    ),
    fingerprintCase('40 turns and 20 tools', {
      messages: Array.from({ length: 40 }, (_, turn) => ({
        role: turn % 2 === 0 ? 'user' : 'assistant',
        content: `${turn} ${prompt.slice(0, 200)}`,
      })),
      tools: Array.from({ length: 20 }, (_, index) => tool(`weather_${index}`)),
    }),
  ],
};

function tool(name: string): object {
  return {
    type: 'function',
    function: {
      name,
      description: 'The weather of a place, for so many days from today on.',
      strict: true,
      parameters: {
        type: 'object',
        properties: {
          place: { type: 'string', description: 'A town, or an address.' },
          unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
          days: { type: 'integer', minimum: 1, maximum: 14 },
        },
        required: ['place', 'unit', 'days'],
        additionalProperties: false,
      },
    },
  };
}

function fingerprintCase(name: string, asked: object): Case {
  return {
    name,
    async measure({ quick }) {
      const body = { model: models.openai, ...asked };
      const kilobytes = Buffer.byteLength(JSON.stringify(body)) / 1_024;
      const { request } = dialects()['openai-chat'];
      const times = Math.ceil((quick ? 50 : 5_000) / kilobytes);
      let length = 0;
      const written = (): number => (length += JSON.stringify(body).length);
      const known = (): number => (length += hash('sha256', request.fingerprint(body) ?? '').length);
      const samples = await pairedCpu({
        bare: { run: async () => repeat(times, written) },
        ours: { run: async () => repeat(times, () => written() + known()) },
        unitsPerBlock: times * kilobytes,
        rounds: quick ? 4 : 40,
        warmUpRounds: quick ? 1 : 3,
      });
      if (length === 0) throw new Error('Nothing was written.');
      return pairedFigure(name, 'µs', samples, undefined);
    },
  };
}

function repeat(times: number, work: () => void): void {
  for (let made = 0; made < times; made++) work();
}

/** As interceptors are given them. */
function dialects(): Host['dialects'] {
  let given: Host['dialects'] | undefined;
  const taker: Interceptor = {
    name: 'taker',
    stage: 'shape',
    attach: (host) => (given = host.dialects),
    intercept: (call, next) => next(call),
  };
  governed(plainFetch('openai'), [taker]);
  if (given === undefined) throw new Error('No host came.');
  return given;
}
