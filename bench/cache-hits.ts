import { cache } from 'managed-llm';
import { callCase, callGoal, type Call } from './call-case.ts';
import { plainFetch, prompt, streamFetch, textChunks } from './canned.ts';
import type { Group } from './case.ts';
import { bareClients, caller, governed, models } from './clients.ts';

/** CPU of one call that the cache answers, 1 kB of prompt, against one that the bare SDK sends. */
export const cacheHits: Group = {
  heading: 'CPU of an exact hit in memory, 1 kB prompt',
  cases: (['openai', 'anthropic'] as const).flatMap((sdk) => [
    callCase(`${sdk} · hit`, callGoal(sdk, 5), () => ({
      bare: caller(sdk, bareClients(plainFetch(sdk))).plain,
      ours: caller(sdk, governed(plainFetch(sdk), [cache()]).clients).plain,
    })),
    callCase(`${sdk} · hit by llm.chat`, { of: 'share', atMost: -0.5, text: 'half' }, () => {
      const llm = governed(plainFetch(sdk), [cache()]);
      const request = {
        model: `${sdk}/${models[sdk]}` as const,
        messages: [{ role: 'user' as const, content: prompt }],
      };
      return { bare: caller(sdk, bareClients(plainFetch(sdk))).plain, ours: () => llm.chat(request) };
    }),
    callCase(`${sdk} · hit streamed, 50 chunks`, undefined, () => {
      const fetch = streamFetch(textChunks(sdk, 50, { usage: sdk === 'openai' }));
      return {
        bare: readWhole(caller(sdk, bareClients(fetch), { usage: true }).stream),
        ours: readWhole(caller(sdk, governed(fetch, [cache()]).clients, { usage: true }).stream),
      };
    }),
  ]),
};

function readWhole(open: () => Promise<AsyncIterator<unknown>>): Call {
  return async () => {
    const stream = await open();
    let events = 0;
    while ((await stream.next()).done !== true) events++;
    if (events < 50) throw new Error(`A stream of 50 chunks ended after ${events} events.`);
  };
}
