import { describe, expect, it } from 'vitest';
import { codecFor } from '../../../src/dialects/codecs.ts';
import { dialectOfPath, neutral } from '../../../src/dialects/index.ts';
import { neutralCodec } from '../../../src/dialects/neutral/translation.ts';
import { translation } from '../../../src/dialects/translate.ts';
import { asRecord } from '../../../src/dialects/record.ts';
import { eventsOf, recordings } from './recordings.ts';

const asked = { body: undefined, id: 'id-1', createdAt: 1 };
const { collect, explode } = await neutral.codec();

const known = await Promise.all(
  recordings.map(async ({ id, request, response }) => {
    const dialect = dialectOfPath(new URL(request.path, 'http://host').pathname, request.method);
    const codec = await codecFor(dialect.id);
    return codec === undefined || response.status >= 400
      ? []
      : [{ id, request, response, dialect, both: translation(neutralCodec, codec), codec }];
  }),
).then((found) => found.flat());

/** OpenAI encrypts the same reasoning anew in every event that tells it; Groq's last chunk has an id of its own. */
function lasting(reply: unknown): unknown {
  const text = JSON.stringify({ ...asRecord(reply), id: undefined }, (key, value: unknown) =>
    key === 'encrypted_content' ? true : value,
  );
  return JSON.parse(text);
}

describe.skipIf(recordings.length === 0)('recorded exchanges, told in the neutral dialect', () => {
  it('have the form that the neutral codec takes', () => {
    expect(known.length).toBeGreaterThan(50);
    for (const { id, request, response, both, codec } of known) {
      const ask = translation(codec, neutralCodec).request(request.body, false).value;
      expect([id, neutralCodec.request.decode(ask)]).toEqual([id, { value: ask, losses: [] }]);
      if (response.body === undefined) continue;
      const { value } = both.reply(response.body, asked);
      expect([id, neutralCodec.reply.decode(value)]).toEqual([id, { value, losses: [] }]);
      expect([id, collect(explode(value))]).toEqual([id, value]);
    }
  });

  it('tell the same usage as in their own dialect', () => {
    for (const { id, response, both, dialect } of known) {
      if (response.body === undefined) continue;
      const { value } = both.reply(response.body, asked);
      expect([id, neutral.reply.usage(value)]).toEqual([id, dialect.reply.usage(response.body)]);
    }
  });

  it('that were streamed add up to what their plain replies say', async () => {
    let compared = 0;
    for (const { id, response, both, dialect } of known) {
      if (response.sse === undefined) continue;
      const events = eventsOf(response.sse);
      if (!dialect.stream.isTerminal(response.sse)) continue;
      const stream = both.stream(asked);
      const told = [...events.flatMap((each) => stream.push(each)), ...stream.end()];
      const decoder = neutralCodec.stream.decoder();
      expect([id, told.flatMap((each) => decoder.push(each)).length, decoder.losses]).toEqual([
        id,
        told.length,
        [],
      ]);
      expect([id, stream.usage]).toEqual([id, dialect.stream.usage(response.sse, response.sse)]);
      const whole = (await dialect.codec()).collect(events);
      if (whole !== undefined) {
        compared++;
        expect([id, lasting(collect(told))]).toEqual([id, lasting(both.reply(whole, asked).value)]);
      }
    }
    expect(compared).toBeGreaterThan(50);
  });
});
