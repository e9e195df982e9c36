import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { recordTo, replayFrom, standIn } from 'managed-llm/testing';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recording-'));
  file = join(folder, 'exchanges.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

const messages = [{ role: 'user' as const, content: 'hello there' }];
const key = 'sk-proj-0123456789abcdef';

function clients(fetch: typeof globalThis.fetch) {
  return {
    openai: new OpenAI({ apiKey: key, organization: 'org-mine', fetch, maxRetries: 2 }),
    anthropic: new Anthropic({ apiKey: key, fetch, maxRetries: 2 }),
  };
}

async function session(fetch: typeof globalThis.fetch) {
  const { openai, anthropic } = clients(fetch);
  const plain = await openai.chat.completions.create({ model: 'gpt', messages });
  const stream = openai.chat.completions.stream({ model: 'gpt', messages });
  const response = await openai.responses.stream({ model: 'gpt', input: 'hi' }).finalResponse();
  const message = await anthropic.messages
    .stream({ model: 'claude', max_tokens: 9, messages })
    .finalMessage();
  const embedded = await openai.embeddings.create({ model: 'embed', input: 'a b', dimensions: 8 });
  const speech = await (
    await openai.audio.speech.create({ model: 'tts', voice: 'alloy', input: 'x y' })
  ).arrayBuffer();
  const upload = await openai.files.create({ purpose: 'batch', file: new File(['{}'], 'in.jsonl') });
  const failed: unknown = await openai.post('/nothing').catch((error: unknown) => String(error));
  return JSON.stringify([
    plain,
    await stream.finalChatCompletion(),
    response,
    message,
    embedded,
    Array.from(new Uint8Array(speech)),
    upload,
    failed,
  ]);
}

test('a session replays as it was recorded, over both SDKs, plain, streamed, binary and failing', async () => {
  const provider = standIn().always({ chunking: 'random', seed: 3 });
  const before = await session(recordTo(file, provider.fetch));
  expect(await session(replayFrom(file))).toBe(before);
});

test('no secret reaches the disk', async () => {
  const provider = standIn().always({
    headers: { 'set-cookie': 'id=verysecret', 'openai-organization': 'org-mine' },
  });
  const fetch = recordTo(file, provider.fetch);
  const { openai, anthropic } = clients(fetch);
  await openai.chat.completions.create({
    model: 'gpt',
    messages: [
      { role: 'user', content: `my key is ${key}, "api_key": "hunter2" and Bearer abcdefgh12345678` },
    ],
  });
  await anthropic.messages.create({ model: 'claude', max_tokens: 99, messages, metadata: { user_id: key } });
  await (
    await fetch('https://me:pass@x.test/v1/models?key=AbCdEf123&api-version=1', {
      headers: { 'x-api-key': key, cookie: 'a=verysecret', 'x-corp-token': 'verysecret', 'api-key': key },
    })
  ).text();
  const written = readFileSync(file, 'utf8');
  expect(written.split('\n').filter(Boolean)).toHaveLength(3);
  for (const secret of [
    key,
    '0123456789abcdef',
    'org-mine',
    'verysecret',
    'AbCdEf123',
    'abcdefgh12345678',
    'me:pass',
  ]) {
    expect(written).not.toContain(secret);
  }
  expect(written).toContain('api-version=1');
  const replayed = await replayFrom(file)('https://other.test/v1/models?api-version=1&key=another');
  expect(replayed.status).toBe(200);
});

test('members named like secrets are masked in JSON bodies', async () => {
  const provider = standIn();
  const fetch = recordTo(file, provider.fetch);
  const body = JSON.stringify({ client_secret: 'hunter2', nested: { apiKey: 'swordfish"x' } });
  await (await fetch('https://x.test/v1/nothing', { method: 'POST', body })).text();
  expect(readFileSync(file, 'utf8')).not.toMatch(/hunter2|swordfish/);
});

test('requests match whatever the order of keys, and repeated ones in the order of recording', async () => {
  const provider = standIn().next({ text: 'first' }, { text: 'second' });
  const record = recordTo(file, provider.fetch);
  for (let index = 0; index < 2; index += 1) {
    await clients(record).openai.chat.completions.create({ model: 'gpt', messages, temperature: 0 });
  }
  const { openai } = clients(replayFrom(file));
  const texts: unknown[] = [];
  for (let index = 0; index < 3; index += 1) {
    const reply = await openai.chat.completions.create({ temperature: 0, messages, model: 'gpt' });
    texts.push(reply.choices[0]?.message.content);
  }
  expect(texts).toEqual(['first', 'second', 'second']);
});

test('a request that was not recorded fails at once and names the nearest and where it differs', async () => {
  const record = recordTo(file, standIn().fetch);
  await clients(record).openai.chat.completions.create({ model: 'gpt', messages, temperature: 0 });
  await clients(record).openai.embeddings.create({ model: 'embed', input: 'x' });
  const { openai } = clients(replayFrom(file));
  const near = openai.chat.completions.create({
    model: 'gpt',
    messages: [{ role: 'user', content: 'private words' }],
    temperature: 0,
  });
  await expect(near).rejects.toThrow(
    /POST \/v1\/chat\/completions\. The nearest is line 1.*`messages\.0\.content`/,
  );
  await expect(near).rejects.not.toThrow(/private words/);
  await expect(openai.models.list()).rejects.toThrow(/nearest is line \d, POST/);
});

test('what was broken off when it was recorded breaks off again', async () => {
  const record = recordTo(file, standIn().always({ cutAfterEvents: 2 }).fetch);
  const read = async (fetch: typeof globalThis.fetch) => {
    let chunks = 0;
    try {
      for await (const _ of await clients(fetch).openai.chat.completions.create({
        model: 'g',
        messages,
        stream: true,
      })) {
        chunks += 1;
      }
    } catch (error) {
      return `${chunks} then ${String(error)}`;
    }
    return `${chunks}`;
  };
  const before = await read(record);
  expect(before).toBe('2 then TypeError: terminated');
  expect(await read(replayFrom(file))).toBe(before);
});

test('an abort is respected in a replay', async () => {
  const record = recordTo(file, standIn().fetch);
  await (await record('https://x.test/v1/models')).text();
  const reason = new Error('enough');
  const replay = replayFrom(file);
  await expect(replay('https://x.test/v1/models', { signal: AbortSignal.abort(reason) })).rejects.toBe(
    reason,
  );
  const abort = new AbortController();
  const response = await replay('https://x.test/v1/models', { signal: abort.signal });
  abort.abort(reason);
  await expect(response.text()).rejects.toBe(reason);
});

test('a file that is no recording is refused', () => {
  expect(() => replayFrom(join(folder, 'none.jsonl'))).toThrow(/cannot be read/);
  writeFileSync(file, '');
  appendFileSync(file, '{"a":1}\n');
  expect(() => replayFrom(file)).toThrow(/line 1 of .* is no recorded exchange/);
});
