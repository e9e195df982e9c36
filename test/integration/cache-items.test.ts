import { setImmediate as turn } from 'node:timers/promises';
import {
  cache,
  fallback,
  ManagedLLM,
  ManagedLLMError,
  type CacheOptions,
  type CacheStore,
  type Interceptor,
  type Route,
} from 'managed-llm';
import { standIn, type ReceivedRequest, type Reply, type ScriptedReply } from 'managed-llm/testing';
import { AzureOpenAI, OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import {
  governed,
  rejection,
  settledOnce,
  type Governed,
  type RequestOptions,
  type TestClients,
  type TestOptions,
} from './governed.ts';

type Input = OpenAI.EmbeddingCreateParams['input'];

const model = 'text-embedding-3-small';
const price = { inputUsdPerMTok: 20, outputUsdPerMTok: 0 };
const priced = { models: { 'openai/*': { price }, 'backup/*': { price } } } satisfies TestOptions;

function cached(options: CacheOptions = {}, more: TestOptions = {}) {
  const answers = cache(options);
  const world = governed({ ...more, interceptors: [answers, ...(more.interceptors ?? [])] });
  return { answers, world };
}

/** A vector of its own for each text: they have a word in common with no other. */
const texts = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, at) => `word${from + at}`);

type Body = Omit<OpenAI.EmbeddingCreateParams, 'input' | 'model'> & { readonly model?: string };

const embed = (llm: TestClients, input: Input, body: Body = {}, options: RequestOptions = {}) =>
  llm.clients.openai.embeddings.create({ model, dimensions: 64, ...body, input }, options);

/** Asks, and lets what is to be kept be kept. */
async function ask(world: Governed, input: Input, body: Body = {}, llm: TestClients = world.llm) {
  const reply = await embed(llm, input, body);
  await world.llm.idle();
  return reply;
}

/** Until whatever needs no clock has come to rest. */
async function turns(): Promise<void> {
  for (let count = 0; count < 10; count++) await turn();
}

/** What the provider itself says. */
const bare = (input: Input, body: Body = {}) =>
  new OpenAI({ apiKey: 'test', fetch: standIn().fetch }).embeddings.create({
    model,
    dimensions: 64,
    ...body,
    input,
  });

const inputOf = ({ body }: ReceivedRequest): Input => (body as OpenAI.EmbeddingCreateParams).input;
const sent = ({ provider }: Governed) => provider.requests.map(inputOf);
const facts = ({ receipts }: Governed) => receipts.map((receipt) => receipt.facts.cache);
const statuses = (world: Governed) => facts(world).map((fact) => fact?.status);
const last = (world: Governed) => world.receipts.at(-1)?.facts.cache;

/** Answers every item with a vector that says which model answered. */
const answered = (request: ReceivedRequest, first: number): ScriptedReply => ({
  json: {
    object: 'list',
    model: 'text-embedding',
    data: [inputOf(request)].flat().map((_, index) => ({
      object: 'embedding',
      index,
      embedding: [first, index],
    })),
    usage: { prompt_tokens: 10, total_tokens: 10 },
  },
});

const vectorsOf =
  (first: number): Reply =>
  (request) =>
    answered(request, first);

describe('embeddings in a cache', () => {
  describe('are kept item by item', () => {
    test('of 100 of which 90 are known 10 are asked for, and the reply is that to all of them', async () => {
      const { world } = cached();
      const known = texts(0, 90).toReversed();
      await ask(world, known);
      const input = texts(0, 100);
      const reply = await ask(world, input);
      expect(sent(world)).toEqual([known, texts(90, 100)]);
      expect(reply).toEqual(await bare(input));
      const [, receipt] = await settledOnce(world, 2);
      expect(receipt).toMatchObject({
        origin: 'provider',
        usage: { inputTokens: 100, provenance: 'reported' },
        attempts: [{ usage: { inputTokens: 10 } }],
        facts: { cache: { status: 'partial', kind: 'items', items: { known: 90, asked: 10, coalesced: 0 } } },
      });
    });

    test('what is all known needs no attempt and costs nothing, in whatever order and however often', async () => {
      const { world } = cached();
      await ask(world, texts(0, 5));
      const input = ['word3', 'word0', 'word3', 'word4'];
      expect(await ask(world, input)).toEqual(await bare(input));
      const [, receipt] = await settledOnce(world, 2);
      expect(receipt).toMatchObject({
        origin: 'cache',
        attempts: [],
        costNanoUsd: 0,
        servedModel: model,
        target: { provider: 'openai', model },
        facts: { cache: { status: 'hit', items: { known: 3, asked: 0, coalesced: 0 } } },
      });
      expect(world.provider.requests).toHaveLength(1);
    });

    test('what stands twice in one request is asked for once, in the place where it first stands', async () => {
      const { world } = cached();
      const input = ['word2', 'word1', 'word2', 'word2'];
      expect(await ask(world, input)).toEqual(await bare(input));
      expect(sent(world)).toEqual([['word2', 'word1']]);
      expect(last(world)).toMatchObject({ status: 'miss', items: { known: 0, asked: 2, coalesced: 0 } });
    });

    test('one text and a list of one are the same; tokens are no text, and one list of them is one item', async () => {
      const { world } = cached();
      await ask(world, 'word1');
      await ask(world, ['word1']);
      expect(world.provider.requests).toHaveLength(1);
      for (const input of ['97', [97], [97, 98]] satisfies Input[]) {
        const reply = await ask(world, input);
        expect(reply).toEqual(await bare(input));
        expect(reply.data).toHaveLength(1);
      }
      expect(world.provider.requests).toHaveLength(4);
      const tokens = [[97, 98], [99], [97]];
      expect(await ask(world, tokens)).toEqual(await bare(tokens));
      expect(sent(world).at(-1)).toEqual([[99]]);
    });

    test('each by itself for other dimensions, another encoding and another model; not for another user', async () => {
      const { world } = cached();
      const bodies: readonly Body[] = [
        {},
        { dimensions: 32 },
        { encoding_format: 'float' },
        { model: 'text-embedding-3-large' },
      ];
      for (const body of bodies) {
        const reply = await ask(world, 'word1', body);
        expect(reply).toEqual(await bare('word1', body));
        expect(await ask(world, ['word1'], { ...body, user: 'alice' })).toEqual(reply);
      }
      expect(statuses(world)).toEqual(bodies.flatMap(() => ['miss', 'hit']));
    });

    test('as base64, which the SDK asks for by itself, or as numbers: what is put together is the same', async () => {
      for (const body of [{}, { encoding_format: 'float' }, { encoding_format: 'base64' }] as const) {
        const { world } = cached();
        await ask(world, texts(0, 3), body);
        expect(await ask(world, texts(0, 6), body)).toEqual(await bare(texts(0, 6), body));
        expect(await ask(world, texts(1, 5), body)).toEqual(await bare(texts(1, 5), body));
        expect(statuses(world)).toEqual(['miss', 'partial', 'hit']);
      }
    });

    test('what is all asked for goes as it is, and comes as it is', async () => {
      const { world } = cached();
      const fetch = world.llm.fetch('openai');
      const body = `{ "input": ["b", "a"],  "model": "${model}" }`;
      const post = () =>
        fetch('https://api.openai.com/v1/embeddings', {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json' },
        });
      world.provider.next({
        body: '{ "data": [],\n "odd": true }',
        headers: { 'x-request-id': 'of-its-own' },
      });
      const response = await post();
      expect(await response.text()).toBe('{ "data": [],\n "odd": true }');
      expect(response.headers.get('x-request-id')).toBe('of-its-own');
      expect(world.provider.requests[0]?.bodyText).toBe(body);
      await (await post()).text();
      await world.llm.idle();
      const again: unknown = await (await post()).json();
      expect(again).toMatchObject({ data: [{ index: 0 }, { index: 1 }], usage: { prompt_tokens: 2 } });
      expect(statuses(world)).toEqual(['miss', 'miss', 'hit']);
    });

    test("what is put together has the headers of the provider's part", async () => {
      const { world } = cached();
      await ask(world, texts(0, 2));
      world.provider.always({ headers: { 'x-request-id': 'second' } });
      const { response, request_id: id } = await embed(world.llm, texts(0, 3)).withResponse();
      expect(response.headers.get('x-request-id')).toBe('second');
      expect(id).toBe('second');
    });

    test('for the neutral API, for a route, and for a client whose model is in the path', async () => {
      const { world } = cached({}, { routes: { vectors: `openai/${model}` } });
      for (const name of ['vectors', `openai/${model}`]) {
        await world.llm.embed({ model: name, input: ['a', 'b'], dimensions: 4 });
        await world.llm.idle();
        const { embeddings, usage } = await world.llm.embed({
          model: name,
          input: ['c', 'b', 'a'],
          dimensions: 4,
        });
        expect(embeddings).toHaveLength(3);
        expect(usage?.inputTokens).toBe(3);
        expect(sent(world).at(-1)).toEqual(['c']);
      }
      const provider = standIn();
      const azure = new AzureOpenAI({
        apiKey: 'test',
        endpoint: 'https://azure.test',
        apiVersion: '2026-10-01',
        fetch: provider.fetch,
      });
      const llm = new ManagedLLM({ providers: { azure }, interceptors: [cache()] });
      await llm.clients.azure.embeddings.create({ model: 'vectors', input: texts(0, 3) });
      await llm.idle();
      const { data } = await llm.clients.azure.embeddings.create({ model: 'vectors', input: texts(0, 4) });
      expect(data.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
      expect(provider.requests.map(inputOf)).toEqual([texts(0, 3), ['word3']]);
      expect(new Set(provider.requests.map(({ path }) => path)).size).toBe(1);
    });
  });

  describe('tell what they cost and saved', () => {
    test('the shares of what was known add up to what it had cost; a call costs what it has asked for', async () => {
      const { world } = cached({}, priced);
      world.provider.next({ usage: { inputTokens: 7 } }, { usage: { inputTokens: 5 }, latencyMs: 30 });
      await ask(world, ['a', 'longer', 'the longest of all']);
      const asked = embed(world.llm, ['the longest of all', 'a', 'b', 'longer']);
      await world.clock.advance(30);
      expect((await asked).usage).toEqual({ prompt_tokens: 12, total_tokens: 12 });
      await world.llm.idle();
      await world.clock.advance(1_000);
      await ask(world, ['a', 'b', 'longer', 'the longest of all', 'b']);
      const [first, second, third] = world.receipts;
      expect(first?.costNanoUsd).toBe(140_000);
      expect(second).toMatchObject({ costNanoUsd: 100_000, usage: { inputTokens: 12 } });
      expect(second?.facts.cache).toMatchObject({ status: 'partial', savedNanoUsd: 140_000 });
      expect(second?.facts.cache).not.toHaveProperty('savedMs');
      expect(third).toMatchObject({
        costNanoUsd: 0,
        usage: { inputTokens: 17 },
        facts: { cache: { status: 'hit', savedNanoUsd: 340_000, savedMs: 30, ageMs: 1_030 } },
      });
    });

    test('what others have asked for has saved what it costs them', async () => {
      const { world } = cached({}, priced);
      world.provider.next({ usage: { inputTokens: 4 }, latencyMs: 10 });
      const asked = embed(world.llm, ['a', 'b']);
      await turns();
      const waiting = Promise.all([embed(world.llm, ['a', 'b']), embed(world.llm, ['b', 'c', 'b'])]);
      await turns();
      await world.clock.advance(10);
      await Promise.all([asked, waiting]);
      const receipts = await settledOnce(world, 3);
      const costing = (nanoUsd: number) => receipts.find(({ costNanoUsd }) => costNanoUsd === nanoUsd);
      const [first, same, more] = [80_000, 0, 20_000].map(costing);
      expect(first?.facts.cache).toMatchObject({ status: 'miss' });
      expect(first?.facts.cache).not.toHaveProperty('savedNanoUsd');
      expect(same).toMatchObject({
        costNanoUsd: 0,
        facts: { cache: { status: 'coalesced', savedNanoUsd: 80_000 } },
      });
      expect(more).toMatchObject({
        costNanoUsd: 20_000,
        usage: { inputTokens: 5 },
        facts: {
          cache: { status: 'miss', savedNanoUsd: 80_000, items: { known: 0, asked: 1, coalesced: 1 } },
        },
      });
    });

    test('nothing is made up where the provider tells no usage', async () => {
      const { world } = cached({}, priced);
      world.provider.next({ usage: 'none' });
      await ask(world, ['a', 'b']);
      const reply = await ask(world, ['a', 'c']);
      expect(reply).not.toHaveProperty('usage');
      const receipt = world.receipts.at(-1);
      expect(receipt?.usage).toBeUndefined();
      expect(receipt?.facts.cache).not.toHaveProperty('savedNanoUsd');
    });

    test('the key of one item is told, and puts that item out of date', async () => {
      const { answers, world } = cached();
      await ask(world, ['a', 'b']);
      expect(last(world)).not.toHaveProperty('key');
      await ask(world, 'a');
      await answers.invalidate({ key: last(world)?.key ?? '' });
      await ask(world, ['b', 'a']);
      expect(sent(world).at(-1)).toEqual(['a']);
    });
  });

  describe('share nothing', () => {
    test('between tenants, by exact code points, and one without a tenant is one of its own', async () => {
      const { world } = cached();
      for (const tenant of ['a', 'A', '', 'é', 'e\u0301', 'a\0']) {
        await ask(world, 'x', {}, world.llm.with({ tenant }));
        await ask(world, 'x', {}, world.llm.with({ tenant }));
      }
      await ask(world, 'x');
      expect(statuses(world)).toEqual([...Array.from({ length: 6 }, () => ['miss', 'hit']).flat(), 'miss']);
    });

    test('between users, where a call asks for that; with everybody where it asks for that', async () => {
      const { world } = cached();
      const as = (user: string, tenant: string, share: 'user' | 'all') =>
        ask(world, 'x', {}, world.llm.with({ user, tenant, cache: { share } }));
      await as('alice', 'acme', 'user');
      await as('bob', 'acme', 'user');
      await as('alice', 'acme', 'all');
      await as('bob', 'globex', 'all');
      expect(statuses(world)).toEqual(['miss', 'miss', 'miss', 'hit']);
    });
  });

  describe('do as a call says', () => {
    test('off, read, write, refresh', async () => {
      const { world } = cached();
      const as = (mode: 'off' | 'read' | 'write' | 'refresh' | 'read-write', ...input: string[]) =>
        ask(world, input, {}, world.llm.with({ cache: { mode } }));
      await as('read', 'a');
      await as('off', 'a', 'a');
      world.provider.next(vectorsOf(1), vectorsOf(2));
      await as('write', 'a');
      await as('write', 'a', 'b');
      const first = (reply: OpenAI.CreateEmbeddingResponse) =>
        reply.data.map(({ embedding }) => embedding[0]);
      expect(first(await as('read', 'a', 'b'))).toEqual([1, 2]);
      world.provider.next(vectorsOf(3));
      await as('refresh', 'a', 'b', 'a');
      expect(first(await as('read-write', 'a', 'b'))).toEqual([3, 3]);
      expect(sent(world)).toEqual([['a'], ['a', 'a'], ['a'], ['a', 'b'], ['a', 'b']]);
      expect(statuses(world)).toEqual(['miss', 'bypass', 'miss', 'miss', 'hit', 'miss', 'hit']);
      expect(facts(world).map((fact) => fact?.reason)).toEqual([
        undefined,
        'off',
        'write',
        'write',
        undefined,
        'refresh',
        undefined,
      ]);
    });

    test('a key cannot stand for several texts: then nothing is kept', async () => {
      const { world } = cached();
      const keyed = world.llm.with({ cache: { key: 'daily' } });
      await ask(world, 'a', {}, keyed);
      await ask(world, 'b', {}, keyed);
      expect(facts(world)).toEqual(
        [1, 2].map(() => ({ status: 'bypass', kind: 'items', reason: 'a key of its own' })),
      );
      expect(sent(world)).toEqual(['a', 'b']);
    });

    test('for as long as it says; after its time an item is asked for anew', async () => {
      const { world } = cached({ ttlMs: 1_000 });
      await ask(world, 'a', {}, world.llm.with({ cache: { ttlMs: 500 } }));
      await ask(world, ['b', 'c']);
      await world.clock.advance(500);
      await ask(world, ['c', 'a', 'b']);
      expect(sent(world).at(-1)).toEqual(['a']);
      expect(last(world)).toMatchObject({ status: 'partial', items: { known: 2, asked: 1 } });
    });
  });

  test('that are old are given, and only they are asked for anew, once for all who are given them', async () => {
    const { world } = cached({ ttlMs: 1_000, staleMs: 1_000 });
    await ask(world, ['a', 'b']);
    await world.clock.advance(900);
    await ask(world, 'c');
    await world.clock.advance(600);
    world.provider.always({ latencyMs: 10 });
    const llm = world.llm.with({ user: 'alice' });
    const replies = await Promise.all(
      [['a', 'b', 'c'], ['c', 'b', 'a'], ['b']].map((input) => embed(llm, input)),
    );
    expect(replies.map(({ data }) => data.length)).toEqual([3, 3, 1]);
    await world.clock.advance(10);
    await world.llm.idle();
    expect(sent(world)).toEqual([['a', 'b'], 'c', ['a', 'b']]);
    expect(world.receipts.find(({ parentId }) => parentId !== undefined)).toMatchObject({
      origin: 'provider',
      outcome: 'finished',
      caller: { user: 'alice' },
    });
    expect(statuses(world).filter((status) => status === 'stale')).toHaveLength(3);
    await world.clock.advance(900);
    await ask(world, ['a', 'b']);
    expect(last(world)?.status).toBe('hit');
  });

  describe('are put out of date', () => {
    test('by tag, model and tenant, and altogether', async () => {
      const { answers, world } = cached();
      const llm = world.llm.with({ tenant: 'acme', tags: { feature: 'search' } });
      await ask(world, ['a', 'b'], {}, llm);
      const steps: readonly (readonly [Parameters<typeof answers.invalidate>[0], string])[] = [
        [{ tag: { feature: 'find' } }, 'hit'],
        [{ tag: { feature: 'search' } }, 'miss'],
        [{ tenant: null }, 'hit'],
        [{ tenant: 'acme' }, 'miss'],
        [{ model: 'other' }, 'hit'],
        [{ model: `openai/${model}` }, 'miss'],
        [{}, 'miss'],
      ];
      for (const [what, status] of steps) {
        await world.clock.advance(1);
        await answers.invalidate(what);
        await world.clock.advance(1);
        await ask(world, ['b', 'a'], {}, llm);
        expect(last(world)?.status, JSON.stringify(what)).toBe(status);
      }
    });

    test('while they are on their way', async () => {
      const { answers, world } = cached();
      world.provider.next({ latencyMs: 100 });
      const asked = embed(world.llm, ['a', 'b']);
      await world.clock.advance(50);
      await answers.invalidate({});
      await world.clock.advance(50);
      await asked;
      await world.llm.idle();
      await ask(world, ['a', 'b', 'c']);
      expect(last(world)).toMatchObject({ status: 'miss', reason: 'invalidated', items: { asked: 3 } });
    });
  });

  describe('of two models never stand in one reply', () => {
    const routes = { vectors: fallback('openai/first', 'backup/second') };
    const firsts = (reply: { readonly embeddings: readonly (readonly number[])[] }) =>
      reply.embeddings.map(([value]) => value);
    /** A route whose first target may be down. */
    function twoModels(options: CacheOptions) {
      const { world } = cached(options, { routes, ...priced });
      const first = { isDown: false };
      world.provider.always((request) => {
        if (request.model === 'second') return answered(request, 2);
        return first.isDown ? { status: 503 } : answered(request, 1);
      });
      return { world, first };
    }

    test('where the rest is answered by another target, that is asked for the whole', async () => {
      for (const otherTargets of [false, true]) {
        const { world, first } = twoModels({ otherTargets });
        const of = async (input: string[]) => {
          const reply = await world.llm.embed({ model: 'vectors', input });
          await world.llm.idle();
          return firsts(reply);
        };
        expect(await of(['a', 'b'])).toEqual([1, 1]);
        first.isDown = true;
        expect(await of(['a', 'b', 'c'])).toEqual([2, 2, 2]);
        expect(last(world)).toMatchObject({
          status: 'miss',
          reason: 'another model has answered the rest',
          items: { known: 0, asked: 3 },
        });
        const successes = world.provider.requests.filter(({ status }) => status === 200);
        expect(successes.map(inputOf)).toEqual([['a', 'b'], ['c'], ['a', 'b', 'c']]);
        first.isDown = false;
        expect(await of(['c', 'a'])).toEqual(otherTargets ? [2, 2] : [1, 1]);
        await settledOnce(world, 3);
      }
    });

    test('and what another target has answered is not kept when the first is there again for the whole', async () => {
      const { world, first } = twoModels({});
      await world.llm.embed({ model: 'vectors', input: ['a'] });
      await world.llm.idle();
      world.provider.next({ status: 503 }, (request) => answered(request, 2));
      const reply = await world.llm.embed({ model: 'vectors', input: ['a', 'b'] });
      await world.llm.idle();
      expect(firsts(reply)).toEqual([1, 1]);
      expect(world.receipts.at(-1)?.attempts).toHaveLength(3);
      expect(world.receipts.at(-1)?.costNanoUsd).toBe(400_000);
      first.isDown = true;
      expect(firsts(await world.llm.embed({ model: 'vectors', input: ['b', 'a'] }))).toEqual([1, 1]);
      expect(last(world)).toMatchObject({ status: 'hit', savedNanoUsd: 200_000 });
      first.isDown = false;
      world.provider.next({ status: 503 }, (request) => answered(request, 2), { status: 400 });
      await rejection(world.llm.embed({ model: 'vectors', input: ['a', 'c'] }));
      await world.llm.idle();
      await world.llm.embed({ model: 'vectors', input: ['c'] });
      expect(last(world)?.status).toBe('miss');
    });

    test('where vectors of both are kept, those of one are taken', async () => {
      const { world, first } = twoModels({ otherTargets: true });
      await world.llm.embed({ model: 'vectors', input: ['a', 'b'] });
      first.isDown = true;
      await world.llm.embed({ model: 'vectors', input: ['c'] });
      await world.llm.idle();
      first.isDown = false;
      expect(firsts(await world.llm.embed({ model: 'vectors', input: ['c', 'a', 'b'] }))).toEqual([1, 1, 1]);
      expect(last(world)).toMatchObject({ status: 'partial', items: { known: 2, asked: 1 } });
      expect(sent(world).at(-1)).toEqual(['c']);
    });

    test('where one name has come to stand for another model, which its vectors show', async () => {
      const { world } = cached();
      world.provider.next(vectorsOf(1));
      await ask(world, ['a']);
      const { data } = await ask(world, ['a', 'b']);
      expect(data.map(({ embedding }) => embedding.length)).toEqual([64, 64]);
      expect(sent(world)).toEqual([['a'], ['b'], ['a', 'b']]);
    });
  });

  describe('from a provider that tells no places', () => {
    const placeless: Reply = (request) => ({
      json: {
        object: 'list',
        model: 'text-embedding',
        data: [inputOf(request)].flat().map((text, at) => ({ embedding: [String(text).length, at] })),
      },
    });

    test('are kept in the order in which they come', async () => {
      const { world } = cached();
      world.provider.always(placeless);
      const first = await ask(world, ['a', 'bbb', 'a']);
      expect(first.data).toEqual([
        { index: 0, embedding: [1, 0] },
        { index: 1, embedding: [3, 1] },
        { index: 2, embedding: [1, 0] },
      ]);
      expect(await ask(world, ['bbb', 'a', 'a'])).toMatchObject({
        data: [{ embedding: [3, 1] }, { embedding: [1, 0] }, { embedding: [1, 0] }],
      });
      expect(sent(world)).toEqual([['a', 'bbb']]);
    });
  });

  describe('that are no plain answer', () => {
    test('are paid once: for ten minutes their model is asked for no parts', async () => {
      const { world } = cached();
      const samePlace: Reply = (request) => ({
        json: { data: [inputOf(request)].flat().map(() => ({ index: 0, embedding: [1, 2] })) },
      });
      const twice = ['a', 'b', 'a'];
      const other = { model: 'text-embedding-3-large' };
      world.provider.when({ model }, samePlace);
      for (let call = 0; call < 3; call++) await ask(world, twice);
      expect(sent(world)).toEqual([['a', 'b'], twice, twice, twice]);
      expect(last(world)?.reason).toBe('not one answer to each input');
      await ask(world, twice, other);
      expect(sent(world).at(-1)).toEqual(['a', 'b']);
      await world.clock.advance(600_000);
      await ask(world, twice);
      expect(sent(world).slice(-2)).toEqual([['a', 'b'], twice]);
    });

    const row = (index: unknown, embedding: unknown = [1, 2]) => ({ object: 'embedding', index, embedding });
    const bad: readonly (readonly [string, readonly unknown[]])[] = [
      ['fewer vectors than texts', [row(0)]],
      ['more vectors than texts', [row(0), row(1), row(2)]],
      ['one place twice', [row(1), row(1)]],
      ['one place twice beside all', [row(0), row(1), row(1)]],
      ['a place that is none', [row(0), row(2)]],
      ['no place', [row(0), row(undefined)]],
      ['a vector that is empty', [row(0), row(1, [])]],
      ['a vector that is none', [row(0), row(1, null)]],
      ['a vector of something else', [row(0), row(1, [1, 'x'])]],
      ['vectors of two lengths', [row(0), row(1, [1, 2, 3])]],
      ['no rows', ['x', null]],
    ];

    test.each(bad)('%s: nothing is kept, and the whole is asked for', async (_name, data) => {
      const { world } = cached();
      await ask(world, ['a']);
      world.provider.next({ json: { data } });
      expect(await ask(world, ['b', 'a', 'c'])).toEqual(await bare(['b', 'a', 'c']));
      expect(sent(world)).toEqual([['a'], ['b', 'c'], ['b', 'a', 'c']]);
      expect(last(world)?.reason).toBe('not one answer to each input');
      world.provider.next({ json: { data } });
      // Nor does the SDK know what to make of some of them.
      await ask(world, ['d', 'e']).catch(() => {});
      await ask(world, ['d', 'e']);
      expect(sent(world).slice(3)).toEqual([
        ['d', 'e'],
        ['d', 'e'],
      ]);
    });

    test('in another order: each goes to its own text', async () => {
      const { world } = cached();
      world.provider.next({ json: { data: [row(1, [1, 1]), row(0, [0, 0])] } });
      await ask(world, ['a', 'b']);
      const { data } = await ask(world, ['b', 'a']);
      expect(data.map(({ embedding }) => embedding)).toEqual([
        [1, 1],
        [0, 0],
      ]);
    });

    test('a failure is the one of the call, as it came; what is known stays known', async () => {
      const { world } = cached();
      await ask(world, ['a']);
      world.provider.next({ status: 400, error: { message: "'$.input[0]' is invalid." } });
      const error = await rejection(embed(world.llm, ['a', 'b'], {}, { maxRetries: 0 }));
      expect(error).toBeInstanceOf(OpenAI.BadRequestError);
      expect(String(error)).toContain("'$.input[0]' is invalid.");
      await world.llm.idle();
      expect(last(world)).toMatchObject({ status: 'partial', items: { known: 1, asked: 1 } });
      expect(last(world)).not.toHaveProperty('ageMs');
      await ask(world, ['a', 'b']);
      expect(sent(world).at(-1)).toEqual(['b']);
    });

    test('larger than may be kept are not', async () => {
      const { world } = cached({ maxEntryBytes: 100 });
      world.provider.always(vectorsOf(1));
      await ask(world, 'a');
      await ask(world, 'a');
      world.provider.always({});
      await ask(world, 'b');
      await ask(world, 'b');
      expect(statuses(world)).toEqual(['miss', 'hit', 'miss', 'miss']);
    });
  });

  test('that shape each other, or cannot be told apart, are asked for as they are', async () => {
    const { world } = cached();
    const all: readonly unknown[] = [[], ['a', { image: 'x' }], [['a']], [[]], [1.5], {}, null];
    for (const input of all) await ask(world, input as Input);
    await ask(world, ['a', 'a'], { late_chunking: true } as Body);
    expect(new Set(facts(world).map((fact) => fact?.reason))).toEqual(
      new Set(['inputs that cannot be told apart']),
    );
    expect(sent(world)).toEqual([...all, ['a', 'a']]);
  });

  test('of a route that a function decides are not kept, unless that has a version', async () => {
    const own: Route = { kind: 'own', choices: ['openai/a'], order: (_call, choices) => choices };
    const { world } = cached({}, { routes: { own, versioned: { ...own, version: '1' } } });
    for (const name of ['own', 'own', 'versioned', 'versioned']) await ask(world, 'x', { model: name });
    expect(statuses(world)).toEqual(['bypass', 'bypass', 'miss', 'hit']);
  });

  describe('do without their store', () => {
    const broken = (what: Partial<CacheStore>): CacheStore => ({
      get: () => undefined,
      set: () => {},
      delete: () => false,
      ...what,
    });

    test.each(['get', 'set'] as const)('where `%s` fails, which is reported once', async (name) => {
      let count = 0;
      const fail = () => {
        count++;
        return Promise.reject(new Error('down'));
      };
      const { world } = cached({ store: broken({ [name]: fail }) });
      const input = texts(0, 300);
      expect(await ask(world, input)).toEqual(await bare(input));
      await ask(world, input);
      expect(statuses(world)).toEqual(['miss', 'miss']);
      expect(last(world)?.reason).toBe(name === 'get' ? 'the store cannot be asked' : undefined);
      expect(world.errors).toHaveLength(1);
      // Not one question for each of them.
      expect(count).toBeLessThan(2 * input.length);
    });

    test('what it has of them that is damaged, or no vector, is not there', async () => {
      const kept = new Map<string, string>();
      const store: CacheStore = {
        get: (key) => kept.get(key),
        set: (key, value) => void kept.set(key, value),
        delete: (key) => kept.delete(key),
      };
      const { world } = cached({ store });
      await ask(world, ['a', 'b']);
      const [first = ''] = [...kept.keys()].filter((key) => key.startsWith('item:'));
      kept.set(first, `${kept.get(first)} `);
      expect(await ask(world, ['a', 'b'])).toEqual(await bare(['a', 'b']));
      expect(last(world)).toMatchObject({
        status: 'partial',
        reason: 'damaged',
        items: { known: 1, asked: 1 },
      });
    });

    test('which is asked for so many at once, and for each mark once', async () => {
      const kept = new Map<string, string>();
      const asked: string[] = [];
      let [open, most] = [0, 0];
      const store: CacheStore = {
        async get(key) {
          asked.push(key);
          most = Math.max(most, ++open);
          await turn();
          open--;
          return kept.get(key);
        },
        set: (key, value) => void kept.set(key, value),
        delete: () => false,
      };
      const { world } = cached({ store });
      await ask(world, texts(0, 500));
      asked.length = most = 0;
      await ask(world, texts(0, 500), {}, world.llm);
      expect(last(world)?.status).toBe('hit');
      const marks = asked.filter((key) => key.startsWith('stamp:'));
      expect(marks.length).toBe(new Set(marks).size);
      expect(asked.length - marks.length).toBe(500);
      expect(most).toBeLessThanOrEqual(64 + marks.length);
    });
  });

  describe('on their way for others', () => {
    const slow = (latencyMs = 10) => ({ latencyMs });

    test('50 calls that ask for the same share one request', async () => {
      for (const options of [{}, { ttlMs: 0 }]) {
        const { world } = cached(options);
        await ask(world, texts(0, 2));
        world.provider.always(slow());
        const input = [...texts(0, 6), 'word5'];
        const all = Promise.all(Array.from({ length: 50 }, () => embed(world.llm, input)));
        await world.clock.advance(10);
        const expected = await bare(input);
        for (const reply of await all) expect(reply).toEqual(expected);
        const known = 'ttlMs' in options ? 0 : 2;
        expect(sent(world).slice(1)).toEqual([texts(known, 6)]);
        const receipts = (await settledOnce(world, 51)).slice(1);
        expect(receipts.filter(({ attempts }) => attempts.length > 0)).toHaveLength(1);
        const waiters = receipts.filter(({ origin }) => origin === 'coalesced');
        expect(waiters).toHaveLength(49);
        for (const {
          facts: { cache: fact },
          usage,
        } of waiters) {
          expect(fact).toMatchObject({
            status: 'coalesced',
            items: { known, asked: 0, coalesced: 6 - known },
          });
          expect(usage?.inputTokens).toBe(7);
        }
      }
    });

    test('come to all who ask for just the same as they came to the one', async () => {
      for (const coalesce of [true, false]) {
        const { world } = cached({ coalesce });
        const more = { latencyMs: 10, json: { data: [{ index: 0, embedding: [1] }], more: 'said' } };
        world.provider.next(more, more);
        const both = Promise.all([embed(world.llm, 'a'), embed(world.llm, coalesce ? ['a'] : ['b', 'a'])]);
        await world.clock.advance(10);
        for (const reply of await both) expect(reply).toMatchObject({ more: 'said' });
        expect(world.provider.requests).toHaveLength(coalesce ? 1 : 2);
      }
    });

    test('are not kept where nothing is, whatever a call says', async () => {
      const never = () => expect.fail('asked');
      const { world } = cached({ ttlMs: 0, store: { get: never, set: never, delete: never } });
      const llm = world.llm.with({ cache: { ttlMs: 500 } });
      await ask(world, 'a', {}, llm);
      await ask(world, 'a', {}, llm);
      expect(statuses(world)).toEqual(['miss', 'miss']);
      expect(world.errors).toEqual([]);
    });

    test('are waited for, whatever else is asked for beside them: no item is asked for twice', async () => {
      const { world } = cached();
      world.provider.always(slow());
      const calls = Array.from({ length: 30 }, (_, at) => texts(at, at + 10));
      const all = Promise.all(calls.map((input) => embed(world.llm, input)));
      await world.clock.advance(10);
      for (const [at, reply] of (await all).entries())
        expect(reply.data).toEqual((await bare(calls[at] ?? [])).data);
      expect(sent(world).flat().toSorted()).toEqual(texts(0, 39).toSorted());
      await settledOnce(world, 30);
    });

    test('fail for all who ask for the same; who asks for other things beside asks for itself', async () => {
      const { world } = cached();
      world.provider.next({ status: 400, latencyMs: 10 });
      const ask = (input: string[]) => embed(world.llm, input, {}, { maxRetries: 0 });
      const same = [1, 2, 3].map(() => rejection(ask(['a', 'b'])));
      await turns();
      const other = ask(['b', 'c']);
      await turns();
      await world.clock.advance(10);
      for (const error of await Promise.all(same)) expect(error).toMatchObject({ status: 400 });
      expect(await other).toEqual(await bare(['b', 'c']));
      expect(sent(world)).toEqual([['a', 'b'], ['c'], ['b']]);
      await settledOnce(world, 4);
    });

    test('fail for what else is asked for: then they are asked for once, by nobody who may fail of the same', async () => {
      const { world } = cached();
      world.provider.next({ status: 400, latencyMs: 10 });
      world.provider.always(slow());
      const bad = rejection(embed(world.llm, ['a', 'bad'], {}, { maxRetries: 0 }));
      await turns();
      const others = Promise.all(['x', 'y', 'z'].map((own) => embed(world.llm, [own, 'a'])));
      await world.clock.advance(10);
      await world.clock.advance(10);
      expect((await others).map(({ data }) => data.length)).toEqual([2, 2, 2]);
      await bad;
      expect(sent(world)).toEqual([['a', 'bad'], ['x'], ['y'], ['z'], ['a']]);
    });

    test('are not held up by a call that has failed of something else', async () => {
      const { world } = cached();
      world.provider.next({ hang: true }, { status: 400 });
      const controller = new AbortController();
      const leader = rejection(embed(world.llm, ['a', 'b'], {}, { signal: controller.signal }));
      await turns();
      expect(await rejection(embed(world.llm, ['b', 'c'], {}, { maxRetries: 0 }))).toMatchObject({
        status: 400,
      });
      controller.abort();
      await leader;
      await world.llm.idle();
      expect(world.provider.requests[0]?.outcome).toBe('cancelled');
    });

    test('and that come as no plain answer: all ask for the whole, together', async () => {
      const { world } = cached();
      await ask(world, ['a']);
      world.provider.next({ json: { data: [] }, latencyMs: 10 });
      const all = Promise.all([1, 2, 3].map(() => embed(world.llm, ['a', 'b', 'c'])));
      await world.clock.advance(10);
      for (const reply of await all) expect(reply).toEqual(await bare(['a', 'b', 'c']));
      expect(sent(world).slice(1)).toEqual([
        ['b', 'c'],
        ['a', 'b', 'c'],
      ]);
    });

    test('go on for the others when who asked for them leaves; when all have left, the provider is stopped', async () => {
      const { world } = cached();
      await ask(world, ['a']);
      world.provider.always(slow());
      const controllers = [1, 2, 3].map(() => new AbortController());
      const inputs = [
        ['a', 'b', 'c'],
        ['a', 'b', 'c'],
        ['c', 'd'],
      ];
      const calls: Promise<unknown>[] = [];
      for (const [at, { signal }] of controllers.entries()) {
        const asked = embed(world.llm, inputs[at] ?? [], {}, { signal });
        calls.push(asked.then(({ data }) => data.length).catch(() => 'left'));
        await turns();
      }
      controllers[0]?.abort();
      await turns();
      controllers[1]?.abort();
      await world.clock.advance(10);
      expect(await Promise.all(calls)).toEqual(['left', 'left', 2]);
      await world.llm.idle();
      expect(sent(world)).toEqual([['a'], ['b', 'c'], ['d']]);
      expect(world.provider.requests.map(({ outcome }) => outcome)).toEqual(inputs.map(() => 'finished'));

      world.provider.always({ hang: true });
      const all = [new AbortController(), new AbortController()];
      const hanging = all.map(({ signal }, at) =>
        rejection(embed(world.llm, ['x', `y${at}`], {}, { signal })),
      );
      await turns();
      for (const controller of all) controller.abort();
      for (const error of await Promise.all(hanging)) expect(error).toBeInstanceOf(OpenAI.APIUserAbortError);
      await world.llm.idle();
      expect(world.provider.requests.slice(-2).map(({ outcome }) => outcome)).toEqual([
        'cancelled',
        'cancelled',
      ]);
      expect(world.errors).toEqual([]);
    });

    test('of 200 calls that come and go nobody is left over, and nobody gets what is not its own', async () => {
      const { world } = cached();
      world.provider.always(slow(20));
      const controllers = Array.from({ length: 200 }, () => new AbortController());
      const inputs = controllers.map((_, at) => texts(at % 7, (at % 7) + 1 + (at % 5)));
      const calls = controllers.map(({ signal }, at) =>
        embed(world.llm, inputs[at] ?? [], {}, { signal }).catch((error: unknown) => {
          expect(error).toBeInstanceOf(OpenAI.APIUserAbortError);
          return undefined;
        }),
      );
      await turn();
      for (const [at, controller] of controllers.entries()) if (at % 3 !== 1) controller.abort();
      await world.clock.advance(20);
      await world.clock.advance(20);
      for (const [at, reply] of (await Promise.all(calls)).entries())
        if (at % 3 === 1) expect(reply?.data).toEqual((await bare(inputs[at] ?? [])).data);
      await world.llm.idle();
      expect(new Set(world.receipts.map(({ callId }) => callId)).size).toBe(200);
      expect(world.receipts).toHaveLength(200);
      expect(world.errors).toEqual([]);
    });

    test('what is refused to one is not refused to the next', async () => {
      for (const input of [
        ['a', 'b'],
        ['a', 'a'],
      ]) {
        let refusals = 0;
        const once: Interceptor = {
          name: 'once',
          stage: 'spend',
          async intercept(call, next) {
            await turn();
            if (refusals++ > 0) return next(call);
            throw new ManagedLLMError({ code: 'refused', message: 'Not you.' });
          },
        };
        const { world } = cached({}, { interceptors: [once] });
        const results = await Promise.allSettled([1, 2, 3].map(() => embed(world.llm, input)));
        expect(results.map(({ status }) => status).toSorted()).toEqual([
          'fulfilled',
          'fulfilled',
          'rejected',
        ]);
        expect(world.provider.requests).toHaveLength(1);
      }
    });

    test('are not waited for where that is said, nor by another tenant', async () => {
      const apart = cached({ coalesce: false }).world;
      await Promise.all([embed(apart.llm, ['a', 'b']), embed(apart.llm, ['a', 'b'])]);
      expect(apart.provider.requests).toHaveLength(2);
      const { world } = cached();
      await Promise.all(['a', 'b', ''].map((tenant) => embed(world.llm.with({ tenant }), ['a', 'b'])));
      expect(world.provider.requests).toHaveLength(3);
      const refresh = world.llm.with({ cache: { mode: 'refresh' } });
      await Promise.all([embed(refresh, ['c']), embed(refresh, ['c'])]);
      expect(world.provider.requests).toHaveLength(5);
    });
  });
});
