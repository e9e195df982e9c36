import { describe, expect, it } from 'vitest';
import type { StreamLens } from '../../../src/core/dialect.ts';
import { HandedText } from '../../../src/core/handed-text.ts';
import { anthropicMessages, openaiChat } from '../../../src/dialects/index.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const chunk = (content: string, index = 0): string =>
  `data: ${JSON.stringify({ choices: [{ index, delta: { content } }] })}\n\n`;

/** Of a stream that has handed on these chunks, with those still on their way. */
function textOf(
  lens: StreamLens,
  chunks: readonly Uint8Array[],
  rest: readonly Uint8Array[] = [],
): string | undefined {
  const [first = encode(''), ...others] = chunks;
  const handed = new HandedText(first);
  for (const chunk of others) handed.push(chunk, lens);
  return handed.text(rest, lens);
}

describe('the text that was handed on', () => {
  it('is what the whole events say, however they were cut', () => {
    const bytes = encode(`${chunk('Grü')}${chunk('ß ')}${chunk('👋🏽')}`);
    for (let size = 1; size <= bytes.length; size++) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
      expect(textOf(openaiChat.stream, chunks)).toBe('Grüß 👋🏽');
    }
  });

  it('leaves out an event that is not whole, and takes in what still waits for the reader', () => {
    expect(textOf(openaiChat.stream, [encode(`${chunk('a')}${chunk('b').slice(0, -1)}`)])).toBe('a');
    expect(textOf(openaiChat.stream, [encode(chunk('a'))], [encode(chunk('b'))])).toBe('ab');
  });

  it('is generated text alone, one slot after the other', () => {
    const delta = (index: number, body: object): Uint8Array =>
      encode(
        `event: content_block_delta\ndata: ${JSON.stringify({ type: 'content_block_delta', index, delta: body })}\n\n`,
      );
    const chunks = [
      delta(0, { type: 'thinking_delta', thinking: 'hm' }),
      delta(1, { type: 'text_delta', text: 'Yes' }),
      delta(2, { type: 'input_json_delta', partial_json: '{"a"' }),
      delta(3, { type: 'text_delta', text: '.' }),
    ];
    expect(textOf(anthropicMessages.stream, chunks)).toBe('Yes.');
  });

  it('is exact for streams longer than what is kept undecoded', () => {
    const pieces = Array.from({ length: 3_000 }, (_, at) => `${at} ${'x'.repeat(1_000)} `);
    const chunks = pieces.map((piece) => encode(chunk(piece)));
    expect(textOf(openaiChat.stream, chunks)).toBe(pieces.join(''));
  });

  it('is not known of a stream beyond all measure', () => {
    const piece = encode(chunk('x'.repeat(100_000)));
    expect(
      textOf(
        openaiChat.stream,
        Array.from({ length: 340 }, () => piece),
      ),
    ).toBeUndefined();
  });
});
