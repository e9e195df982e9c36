// A process of the fleet: callers that ask again as soon as they are answered. node child.ts <options as JSON>
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { ManagedLLM, ManagedLLMError, throttle } from 'managed-llm';
import { redisState } from 'managed-llm/redis';
import { APIError, OpenAI } from 'openai';
import { kinds, limits, type Kind, type MemberOptions, type Tally } from './limits.ts';

const callers = 8;
const maxWaitMs = 60_000;
const { redisUrl, urls, seed } = JSON.parse(process.argv[2] ?? '') as MemberOptions;
const client = new Redis(redisUrl, { retryStrategy: () => 100 });
// The state tells of its own troubles.
client.on('error', () => {});

const reports: string[] = [];
const clientOf = (kind: Kind): OpenAI => new OpenAI({ apiKey: 'test', baseURL: `${urls[kind]}/v1` });
const llm = new ManagedLLM({
  providers: { requests: clientOf('requests'), tokens: clientOf('tokens'), slots: clientOf('slots') },
  state: redisState({ client, prefix: 'fleet:' }),
  interceptors: [throttle(limits, { maxWaitMs })],
  onError: (error) => void reports.push(error.code),
});

const stopping = new AbortController();
let started = 0;
let answered = 0;
const refused: Record<string, number> = {};
const lost: Record<string, number> = {};

/** The rule that refused a call, or nothing. */
function ruleOf(error: unknown): string | undefined {
  const code = ManagedLLMError.from(error)?.code;
  if (code === 'throttled') return code;
  return error instanceof APIError && error.status === 429 ? 'rate limit of the provider' : undefined;
}

async function caller(kind: Kind): Promise<void> {
  while (!stopping.signal.aborted) {
    const words = kind === 'tokens' ? 5 + ((started * 17 + seed) % 40) : 2;
    started += 1;
    try {
      await llm.clients[kind].chat.completions.create({
        model: 'm',
        max_tokens: 60,
        messages: [{ role: 'user', content: 'word '.repeat(words) }],
      });
      answered += 1;
    } catch (error) {
      const rule = ruleOf(error);
      if (rule === undefined) lost[String(error)] = (lost[String(error)] ?? 0) + 1;
      else refused[rule] = (refused[rule] ?? 0) + 1;
      // One that fails at once would ask for ever, and nobody else be heard.
      await sleep(10);
    }
  }
}

const all = Promise.all(kinds.flatMap((kind) => Array.from({ length: callers }, () => caller(kind))));
process.once('message', async () => {
  stopping.abort();
  await all;
  await llm.close();
  const tally: Tally = { started, answered, refused, lost, reports };
  process.send?.(tally, () => {
    client.disconnect();
    process.disconnect();
  });
});
