import { describe, expect, it } from 'vitest';
import type { Dialect } from '../../../src/core/dialect.ts';
import {
  anthropicMessages,
  dialectOfPath,
  openaiChat,
  openaiEmbeddings,
  openaiResponses,
} from '../../../src/dialects/index.ts';
import { eventsOf, recordings, textOf } from './recordings.ts';

const dialects: Readonly<Record<string, Dialect>> = {
  'openai.chat': openaiChat,
  'openai.responses': openaiResponses,
  'openai.embeddings': openaiEmbeddings,
  'anthropic.messages': anthropicMessages,
};

const known = recordings.flatMap((recording) => {
  const dialect = dialects[recording.operation];
  return dialect === undefined ? [] : [{ ...recording, dialect }];
});
const plain = known.filter(({ response }) => response.body !== undefined);
const streams = known.flatMap(({ response, ...rest }) =>
  response.sse === undefined ? [] : [{ ...rest, sse: response.sse }],
);
const inPlace = (text: string): string => `[${text}]`;

describe.skipIf(recordings.length === 0)('recorded exchanges', () => {
  it('have the dialect of their path', () => {
    for (const { operation, request, id } of recordings) {
      const path = new URL(request.path, 'http://host').pathname;
      const expected =
        path === '/api/embeddings' ? 'openai-embeddings' : (dialects[operation]?.id ?? 'passthrough');
      expect([id, dialectOfPath(path, request.method).id]).toEqual([id, expected]);
    }
  });

  it('tell the same usage by their text as by their JSON', () => {
    let told = 0;
    for (const { dialect, response, id } of plain) {
      for (const text of [JSON.stringify(response.body), JSON.stringify(response.body, null, 2)]) {
        const usage = dialect.reply.usage(response.body);
        if (usage !== undefined) told++;
        expect([id, dialect.reply.usageOfText(text)]).toEqual([id, usage]);
      }
    }
    expect(told).toBeGreaterThan(500);
  });

  it('are left as they are by lenses that change nothing', () => {
    for (const { dialect, request, response } of plain) {
      const before = JSON.stringify([request, response]);
      const body = request.body;
      expect(dialect.request.mapTexts(body, (text) => text)).toBe(body);
      expect(dialect.request.withModel(body, dialect.request.model(body) || 'm')).toEqual(
        dialect.request.model(body) === '' ? expect.anything() : body,
      );
      expect(dialect.reply.mapTexts(response.body, (text) => text)).toBe(response.body);
      dialect.request.mapTexts(body, inPlace);
      dialect.reply.mapTexts(response.body, inPlace);
      dialect.request.withInstruction(body, 'Be brief.');
      dialect.request.measure(body);
      dialect.request.fingerprint(body);
      expect(JSON.stringify([request, response])).toBe(before);
    }
  });

  it('end where their last event says so, and nowhere before', () => {
    for (const { dialect, sse, id } of streams) {
      expect([id, dialect.stream.isTerminal(sse)]).toEqual([id, true]);
      expect([id, dialect.stream.isTerminal(sse.slice(-2048))]).toEqual([id, true]);
      const events = eventsOf(sse);
      let end = events.length;
      while (end > 0 && dialect.stream.isTerminal(textOf(events.slice(0, end)))) end--;
      for (let cut = 0; cut <= end; cut++) {
        const text = textOf(events.slice(0, cut));
        expect([id, cut, dialect.stream.isTerminal(text)]).toEqual([id, cut, false]);
        expect([id, cut, dialect.stream.isTerminal(text.slice(-2048))]).toEqual([id, cut, false]);
      }
      expect(events.slice(end).length).toBeLessThanOrEqual(4);
    }
  });

  it('tell in a stream the usage that the collected reply tells', async () => {
    let told = 0;
    for (const { dialect, sse, id } of streams) {
      const events = eventsOf(sse);
      const json = (await dialect.codec()).collect(events);
      const usage = dialect.stream.usage(textOf(events.slice(0, 3)), sse.slice(-20_000));
      expect([id, usage]).toEqual([id, dialect.reply.usage(json)]);
      expect([id, dialect.stream.stopReason(sse)]).toEqual([id, dialect.reply.stopReason(json)]);
      if (usage !== undefined) told++;
    }
    console.log(`usage told in ${told} of ${streams.length} recorded streams`);
  });

  it('survive being exploded into events and collected again', async () => {
    for (const { dialect, response, id } of plain) {
      if (response.status !== 200 || dialect === openaiEmbeddings) continue;
      const events = (await dialect.codec()).explode(response.body);
      const text = textOf(events);
      expect([id, dialect.stream.isTerminal(text)]).toEqual([id, true]);
      const again = (await dialect.codec()).collect(eventsOf(text));
      expect([id, dialect.reply.usage(again)]).toEqual([id, dialect.reply.usage(response.body)]);
      expect([id, again]).toEqual([id, normal(response.body)]);
    }
  });

  it('begin with content, not with what only opens the stream, and hold no error', () => {
    for (const { dialect, sse, id } of streams) {
      const events = eventsOf(sse);
      expect([id, events.some((event) => dialect.stream.isContent(event))]).toEqual([id, true]);
      expect([id, events.find((event) => dialect.stream.error(event))]).toEqual([id, undefined]);
    }
  });
});

/** What a completion always has once it went through a stream. */
function normal(body: unknown): unknown {
  const json = structuredClone(body) as any;
  for (const choice of json.choices ?? []) {
    choice.message.content ??= null;
    delete choice.delta;
    for (const key of ['audio', 'function_call', 'tool_calls']) {
      if (choice.message[key] === null || choice.message[key]?.length === 0) delete choice.message[key];
    }
    for (const call of choice.message.tool_calls ?? []) {
      delete call.index;
      if (call.function) call.type ??= 'function';
    }
  }
  if (json.choices) json.object = 'chat.completion';
  return json;
}
