import { setImmediate as turn } from 'node:timers/promises';
import { cache, type SemanticOptions } from 'managed-llm';
import type { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { readAll, rejection, settledOnce } from './governed.ts';
import {
  ask,
  askWith,
  compared,
  meaning,
  norway,
  norwayAgain,
  nowhere,
  statuses,
  verdicts,
  type Turn,
} from './semantic.ts';

describe('a cache that compares questions', () => {
  test('finds the answer that was asked for anew while the same was on its way', async () => {
    const { world } = compared();
    world.provider.next({ text: 'old', latencyMs: 10 }, { text: 'new', latencyMs: 20 });
    const body = { model: 'gpt', messages: [{ role: 'user' as const, content: norway }] };
    const first = world.llm.clients.openai.chat.completions.create(body);
    while (world.provider.requests.length < 1) await turn();
    const again = world.llm.with({ cache: { mode: 'refresh' } }).clients.openai.chat.completions.create(body);
    while (world.provider.requests.length < 2) await turn();
    await world.clock.advance(10);
    await first;
    await world.clock.advance(10);
    await again;
    await world.llm.idle();
    expect(await ask(world, norwayAgain)).toBe('new');
  });

  test('answers a question in other words by what was kept, without an attempt and without cost', async () => {
    const { world, asked } = compared();
    expect(await ask(world, norway)).toBe('answer 1');
    await world.clock.advance(1_000);
    expect(await ask(world, norwayAgain)).toBe('answer 1');
    expect(await ask(world, 'What is the weather like?')).toBe('answer 2');
    const [miss, hit, other] = await settledOnce(world, 3);
    expect(hit).toMatchObject({
      origin: 'cache',
      attempts: [],
      costNanoUsd: 0,
      facts: {
        cache: { status: 'hit', kind: 'semantic', ageMs: 1_000, key: miss?.facts.cache?.key },
        semantic: { verdict: 'given', similarity: expect.closeTo(1), key: miss?.facts.cache?.key },
      },
    });
    expect(other?.facts.semantic).toMatchObject({ verdict: 'too far' });
    expect(world.provider.requests).toHaveLength(2);
    expect(asked).toHaveLength(3);
  });

  test('looks for the very same question first, and asks nobody for its meaning then', async () => {
    const { world, asked } = compared();
    await ask(world, norway);
    await ask(world, norway);
    expect(statuses(world)).toEqual(['exact miss', 'exact hit']);
    expect(asked).toEqual([norway]);
  });

  test('serves streams from plain answers, and the reverse', async () => {
    const { world } = compared();
    const streamed = async (content: string) => {
      const { openai } = world.llm.clients;
      const events = await readAll(
        await openai.chat.completions.create({
          model: 'gpt',
          messages: [{ role: 'user', content }],
          stream: true,
        }),
      );
      await world.llm.idle();
      return JSON.stringify(events);
    };
    await ask(world, norway);
    expect(await streamed(norwayAgain)).toContain('answer');
    await streamed('A refund?');
    expect(await ask(world, 'I want a refund')).toBe('answer 2');
    expect(world.provider.requests).toHaveLength(2);
    await settledOnce(world, 4);
  });

  test('knows the last question of responses, messages and neutral requests', async () => {
    for (const way of ['responses', 'input items', 'messages', 'neutral'] as const) {
      const { world } = compared();
      const { clients } = world.llm;
      const say = async (content: string): Promise<unknown> => {
        switch (way) {
          case 'responses':
            return clients.openai.responses.create({ model: 'gpt', input: content });
          case 'input items':
            return clients.openai.responses.create({
              model: 'gpt',
              input: [{ role: 'user', content: [{ type: 'input_text', text: content }] }],
            });
          case 'messages':
            return clients.anthropic.messages.create({
              model: 'claude',
              max_tokens: 100,
              messages: [{ role: 'user', content: [{ type: 'text', text: content }] }],
            });
          default:
            return world.llm.chat({ model: 'openai/gpt', messages: [{ role: 'user', content }] });
        }
      };
      await say(norway);
      await world.llm.idle();
      await say(norwayAgain);
      expect(statuses(world), way).toEqual(['exact miss', 'semantic hit']);
    }
  });

  describe('takes for the same only what differs in nothing but the words of the last question', () => {
    const system = (content: string): Turn => ({ role: 'system', content });
    const user = (content: string): Turn => ({ role: 'user', content });
    const assistant = (content: string): Turn => ({ role: 'assistant', content });

    test.each<{ what: string; one: readonly Turn[]; other: readonly Turn[] }>([
      { what: 'the system prompt', one: [system('Be brief.'), user(norway)], other: [user(norwayAgain)] },
      {
        what: 'an earlier turn',
        one: [user('Hi'), assistant('Hello'), user(norway)],
        other: [user('Hi'), assistant('Hello!'), user(norwayAgain)],
      },
      {
        what: 'a picture beside the words',
        one: [{ role: 'user', content: [{ type: 'text', text: norway }, pictureAt('https://a.test/1.png')] }],
        other: [
          { role: 'user', content: [{ type: 'text', text: norwayAgain }, pictureAt('https://a.test/2.png')] },
        ],
      },
      {
        what: 'who speaks last',
        one: [user(norway)],
        other: [user(norwayAgain), assistant('The capital of Norway is')],
      },
    ])('$what', async ({ one, other }) => {
      const { world } = compared();
      await askWith(world, one);
      await askWith(world, other);
      expect(statuses(world)).toEqual(['exact miss', 'exact miss']);
      expect(verdicts(world)).toEqual([undefined, undefined]);
    });

    test('and parameters', async () => {
      const { world } = compared();
      const { completions } = world.llm.clients.openai.chat;
      const asking = (content: string, temperature: number) =>
        completions.create({ model: 'gpt', messages: [user(content)], temperature });
      await asking(norway, 0);
      await world.llm.idle();
      await asking(norwayAgain, 1);
      expect(statuses(world)).toEqual(['exact miss', 'exact miss']);
      await asking(norwayAgain, 0);
      expect(statuses(world)[2]).toBe('semantic hit');
    });

    test('and tenants, unless the call says otherwise', async () => {
      const { world } = compared();
      await ask(world, norway, world.llm.with({ tenant: 'a' }));
      await ask(world, norwayAgain, world.llm.with({ tenant: 'b' }));
      expect(statuses(world)).toEqual(['exact miss', 'exact miss']);
      const shared = { cache: { share: 'all' } } as const;
      await ask(world, norway, world.llm.with({ tenant: 'a', ...shared }));
      await ask(world, norwayAgain, world.llm.with({ tenant: 'b', ...shared }));
      expect(statuses(world)[3]).toBe('semantic hit');
    });
  });

  test('looks for no other words where the call says what is the same by a key, and in a long text', async () => {
    const { world, asked } = compared({ maxQuestionLength: 40 });
    await ask(world, norway, world.llm.with({ cache: { key: 'a' } }));
    await ask(world, norwayAgain, world.llm.with({ cache: { key: 'b' } }));
    await ask(world, `${norway} ${'x'.repeat(40)}`);
    expect(asked).toEqual([]);
    expect(verdicts(world)).toEqual([undefined, undefined, undefined]);
  });

  test('keeps to what the call says of reading and keeping', async () => {
    const { world } = compared();
    const mode = (of: 'read' | 'write' | 'refresh' | 'off') => world.llm.with({ cache: { mode: of } });
    await ask(world, norway, mode('read'));
    await ask(world, norwayAgain);
    await ask(world, 'capital?', mode('refresh'));
    await ask(world, 'The capital!', mode('off'));
    await ask(world, 'And the capital?', mode('write'));
    expect(statuses(world)).toEqual(['exact miss', 'exact miss', 'exact miss', 'exact bypass', 'exact miss']);
    // What was only written can be found.
    await ask(world, 'The capital?', mode('read'));
    expect(statuses(world)[5]).toBe('semantic hit');
  });

  test('gives nothing that is out of date, and lets go of its question', async () => {
    const forgotten: string[] = [];
    const { world, answers } = compared(watched(forgotten), { ttlMs: 1_000, staleMs: 10_000 });
    await ask(world, norway);
    await world.clock.advance(1_000);
    await ask(world, norwayAgain);
    expect(verdicts(world)).toEqual([undefined, 'gone']);
    await answers.invalidate({});
    await world.clock.advance(1);
    await ask(world, 'The capital?');
    expect(verdicts(world)[2]).toBe('gone');
    expect(forgotten).toHaveLength(1);
  });

  test('finds an answer that was asked for anew in the background', async () => {
    const { world } = compared({}, { ttlMs: 1_000, staleMs: 10_000 });
    await ask(world, norway);
    await world.clock.advance(1_500);
    expect(await ask(world, norway)).toBe('answer 1');
    expect(await ask(world, norwayAgain)).toBe('answer 2');
    expect(statuses(world).at(-1)).toBe('semantic hit');
  });

  describe('has a gate', () => {
    test('that tells apart what is similar and differs in what matters', async () => {
      const { world } = compared();
      await ask(world, 'What is the refund for 3 items?');
      await ask(world, 'What is the refund for 4 items?');
      expect(statuses(world)).toEqual(['exact miss', 'exact miss']);
      expect(world.receipts[1]?.facts.semantic).toMatchObject({ verdict: 'differs', difference: 'number' });
    });

    test('that can be left open', async () => {
      const { world } = compared({ gate: false });
      await ask(world, 'What is the refund for 3 items?');
      await ask(world, 'What is the refund for 4 items?');
      expect(verdicts(world)[1]).toBe('given');
    });

    test('and may ask a function last', async () => {
      const pairs: unknown[] = [];
      const { world } = compared({
        verify(pair) {
          pairs.push(pair);
          return pair.asked !== norwayAgain;
        },
      });
      await ask(world, norway);
      await ask(world, norwayAgain);
      await ask(world, 'Norway: capital?', world.llm);
      expect(verdicts(world).slice(0, 2)).toEqual([undefined, 'not confirmed']);
      expect(verdicts(world)[2]).toBe('given');
      expect(pairs[0]).toEqual({ asked: norwayAgain, kept: norway, similarity: expect.closeTo(1) });
    });

    test('or a model, by a call of its own, and takes nothing but a plain yes', async () => {
      for (const [said, verdict] of [
        ['SAME', 'given'],
        ['Same.', 'given'],
        ['DIFFERENT', 'not confirmed'],
        ['They are the SAME, I think', 'not confirmed'],
        ['', 'not confirmed'],
      ] as const) {
        const { world } = compared({ verify: 'openai/judge' });
        await ask(world, norway);
        world.provider.next({ text: said });
        await ask(world, norwayAgain);
        const nested = world.receipts.find(({ parentId }) => parentId !== undefined);
        expect(nested).toMatchObject({ model: 'openai/judge', outcome: 'finished' });
        expect(world.receipts.at(-1)?.facts.semantic?.verdict, said).toBe(verdict);
      }
    });
  });

  test('asks a model of embeddings by a call of its own, with the same caller', async () => {
    const { world } = compared({ embed: 'openai/text-embedding-3-small', minSimilarity: 0.6 });
    await ask(world, norway, world.llm.with({ tenant: 'acme', user: 'u' }));
    await ask(world, norwayAgain, world.llm.with({ tenant: 'acme', user: 'u' }));
    const nested = world.receipts.filter(({ parentId }) => parentId !== undefined);
    expect(nested).toHaveLength(2);
    expect(nested[0]).toMatchObject({ operation: 'embed', caller: { tenant: 'acme', user: 'u' } });
    expect(world.receipts.at(-1)?.facts.cache).toMatchObject({ kind: 'semantic', status: 'hit' });
  });

  test('asks once for the meaning of what many ask at the same time, and the provider once', async () => {
    const { world, asked } = compared();
    const all = await Promise.all(Array.from({ length: 20 }, () => ask(world, norway)));
    expect(new Set(all)).toEqual(new Set(['answer 1']));
    expect(asked).toEqual([norway]);
    expect(world.provider.requests).toHaveLength(1);
  });

  test('looks again for the others when the one that looked is stopped', async () => {
    const stop = new AbortController();
    const releases: (() => void)[] = [];
    const { world } = compared({
      embed: (text, signal) =>
        text !== norway
          ? meaning(text)
          : new Promise((resolve, reject) => {
              releases.push(() => resolve(meaning(text)));
              signal.addEventListener('abort', () => reject(signal.reason), { once: true });
            }),
    });
    await ask(world, norwayAgain);
    const { completions } = world.llm.clients.openai.chat;
    const body = { model: 'gpt', messages: [{ role: 'user' as const, content: norway }] };
    const leader = rejection(completions.create(body, { signal: stop.signal }));
    await turn();
    const other = ask(world, norway);
    await turn();
    stop.abort();
    await leader;
    await turn();
    for (const release of releases) release();
    expect(await other).toBe('answer 1');
    expect(releases).toHaveLength(2);
    expect(world.receipts.at(-1)?.facts.semantic?.verdict).toBe('given');
    expect(world.errors).toEqual([]);
    await settledOnce(world, 3);
  });

  describe('in shadow', () => {
    test('gives nothing, and tells what it would have given', async () => {
      const { world } = compared({ shadow: true });
      await ask(world, norway);
      expect(await ask(world, norwayAgain)).toBe('answer 2');
      expect(statuses(world)).toEqual(['exact miss', 'exact miss']);
      expect(verdicts(world)).toEqual([undefined, 'would be given']);
    });

    test('holds no call up, and its receipt waits for what was found', async () => {
      const { world } = compared({
        shadow: true,
        embed: (text) => new Promise((resolve) => world.clock.setTimeout(() => resolve(meaning(text)), 500)),
      });
      const reply = await world.llm.clients.openai.chat.completions.create({
        model: 'gpt',
        messages: [{ role: 'user', content: norway }],
      });
      expect(reply.choices[0]?.message.content).toBe('answer 1');
      expect(world.receipts).toEqual([]);
      await world.clock.advance(500);
      await settledOnce(world, 1);
    });
  });

  describe('explains a call', () => {
    test('by what it was compared with, and what came of that', async () => {
      const { world, answers } = compared();
      await ask(world, 'A refund for 3 items');
      await ask(world, 'A refund for 4 items');
      await ask(world, 'refund: 4 items?');
      const [first, second, third] = world.receipts;
      expect(await answers.explain(first?.callId ?? '')).toBeUndefined();
      expect(await answers.explain(third?.callId ?? '')).toEqual({
        callId: third?.callId,
        question: 'refund: 4 items?',
        key: expect.stringMatching(/^answer:/),
        compared: expect.arrayContaining([
          {
            key: second?.facts.cache?.key,
            question: 'A refund for 4 items',
            similarity: expect.closeTo(1),
            verdict: 'given',
          },
        ]),
      });
      expect(await answers.explain(second?.callId ?? '')).toMatchObject({
        compared: [{ verdict: 'differs', difference: { kind: 'number', asked: '4', kept: '3' } }],
      });
      expect(await answers.explain('nobody')).toBeUndefined();
    });

    test('and lets go of a bad hit: neither question gets the answer to the other any more', async () => {
      const { world, answers } = compared();
      await ask(world, norway);
      await ask(world, norwayAgain);
      const [miss, hit] = world.receipts;
      expect(await answers.evict(hit?.callId ?? '')).toBe(true);
      expect(await answers.evict(miss?.callId ?? '')).toBe(false);
      expect(await ask(world, norwayAgain)).toBe('answer 2');
      expect(await ask(world, norway)).toBe('answer 3');
      expect(verdicts(world).slice(2)).toEqual(['gone', 'set apart']);
    });

    test('not without comparing', async () => {
      const answers = cache();
      await expect(answers.explain('x')).rejects.toMatchObject({
        code: 'invalid-options',
        message: expect.stringContaining('cache.semantic'),
      });
      await expect(answers.evict('x')).rejects.toMatchObject({ code: 'invalid-options' });
    });
  });

  describe('fails no call', () => {
    const broken = () => {
      throw new Error('down');
    };

    test.each<{ what: string; semantic: Partial<SemanticOptions> }>([
      { what: 'an embedder that throws', semantic: { embed: broken } },
      { what: 'an embedder that gives no vector', semantic: { embed: () => [] } },
      { what: 'an embedder that gives no numbers', semantic: { embed: () => [Number.NaN, 1] } },
      { what: 'a store that cannot be asked', semantic: { vectors: { ...nowhere(), nearest: broken } } },
      { what: 'a store that takes nothing', semantic: { vectors: { ...nowhere(), put: broken } } },
      { what: 'a verifier that throws', semantic: { verify: broken } },
    ])('for $what, and reports it once', async ({ semantic }) => {
      const { world } = compared(semantic);
      expect(await ask(world, norway)).toBe('answer 1');
      expect(await ask(world, norwayAgain)).toBe('answer 2');
      expect(await ask(world, 'The capital?')).toBe('answer 3');
      expect(world.errors).toHaveLength(1);
      expect(world.errors[0]?.message).toContain('`cache`');
    });

    test('for a model of embeddings that refuses, whose error is not the call’s', async () => {
      const { world } = compared({ embed: 'openai/text-embedding-3-small' }, {}, {});
      world.provider.next({ status: 400, json: { error: { message: 'no' } } });
      expect(await ask(world, norway)).toBe('answer 1');
      expect(world.errors).toHaveLength(1);
    });

    test('and holds none up for longer than it may, nor the next ones at all', async () => {
      const hanging: string[] = [];
      const { world } = compared({
        timeoutMs: 300,
        embed(text) {
          hanging.push(text);
          return new Promise(() => {});
        },
      });
      const first = ask(world, norway);
      await turn();
      await world.clock.advance(299);
      expect(world.provider.requests).toEqual([]);
      await world.clock.advance(1);
      expect(await first).toBe('answer 1');
      expect(await ask(world, norwayAgain)).toBe('answer 2');
      expect(hanging).toEqual([norway]);
      await world.clock.advance(10_000);
      const last = ask(world, 'The capital?');
      await turn();
      expect(hanging).toHaveLength(2);
      await world.clock.advance(300);
      expect(await last).toBe('answer 3');
    });
  });

  test.each<{ options: object; message: string }>([
    { options: { embed: 'nobody/x' }, message: 'cache.semantic.embed' },
    { options: { embed: 'opneai/x' }, message: 'Did you mean "openai/x"?' },
    { options: { embed: () => [1], verify: 'nobody/x' }, message: 'cache.semantic.verify' },
    { options: { embed: () => [1], minSimilarity: 2 }, message: 'cache.semantic.minSimilarity' },
    { options: { embed: () => [1], minSimilarty: 0.5 }, message: 'minSimilarity' },
    { options: { embed: 7 }, message: 'cache.semantic.embed' },
    { options: { embed: () => [1], vectors: {} }, message: 'cache.semantic.vectors' },
  ])('refuses $options', ({ options, message }) => {
    expect(() => compared(options as Partial<SemanticOptions>)).toThrow(message);
  });

  test('refuses to compare where nothing is kept', () => {
    expect(() => compared({}, { ttlMs: 0 })).toThrow('cache.semantic');
  });
});

function pictureAt(url: string): OpenAI.ChatCompletionContentPartImage {
  return { type: 'image_url', image_url: { url } };
}

/** One that finds whatever was put in last, and tells what it lets go of. */
function watched(forgotten: string[]): Partial<SemanticOptions> {
  let last: string | undefined;
  return {
    vectors: {
      nearest: () => (last === undefined ? [] : [{ id: last, similarity: 1 }]),
      put: (_group, id) => void (last = id),
      delete: (_group, id) => void forgotten.push(id),
    },
  };
}
