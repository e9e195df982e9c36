import { describe, expect, it } from 'vitest';
import { HandedText } from '../../../src/core/handed-text.ts';
import { anthropicMessages, openaiChat } from '../../../src/dialects/index.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const chunk = (content: string, index = 0): string =>
  `data: ${JSON.stringify({ choices: [{ index, delta: { content } }] })}\n\n`;

describe('the text that was handed on', () => {
  it('is what the whole events say, however they were cut', () => {
    const bytes = encode(`${chunk('Grü')}${chunk('ß ')}${chunk('👋🏽')}`);
    for (let size = 1; size <= bytes.length; size++) {
      const handed = new HandedText(openaiChat.stream);
      for (let at = 0; at < bytes.length; at += size) handed.push(bytes.subarray(at, at + size));
      expect(handed.text([])).toBe('Grüß 👋🏽');
    }
  });

  it('leaves out an event that is not whole, and takes in what still waits for the reader', () => {
    const handed = new HandedText(openaiChat.stream);
    handed.push(encode(`${chunk('a')}${chunk('b').slice(0, -1)}`));
    expect(handed.text([])).toBe('a');
    const waiting = new HandedText(openaiChat.stream);
    waiting.push(encode(chunk('a')));
    expect(waiting.text([encode(chunk('b'))])).toBe('ab');
  });

  it('is generated text alone, one slot after the other', () => {
    const handed = new HandedText(anthropicMessages.stream);
    const delta = (index: number, body: object): Uint8Array =>
      encode(
        `event: content_block_delta\ndata: ${JSON.stringify({ type: 'content_block_delta', index, delta: body })}\n\n`,
      );
    handed.push(delta(0, { type: 'thinking_delta', thinking: 'hm' }));
    handed.push(delta(1, { type: 'text_delta', text: 'Yes' }));
    handed.push(delta(2, { type: 'input_json_delta', partial_json: '{"a"' }));
    handed.push(delta(3, { type: 'text_delta', text: '.' }));
    expect(handed.text([])).toBe('Yes.');
  });

  it('is exact for streams longer than what is kept undecoded', () => {
    const handed = new HandedText(openaiChat.stream);
    const filler = 'x'.repeat(1_000);
    for (let at = 0; at < 3_000; at++) handed.push(encode(chunk(`${at} ${filler} `)));
    const text = handed.text([]);
    expect(text).toBe(Array.from({ length: 3_000 }, (_, at) => `${at} ${filler} `).join(''));
  });

  it('is not known of a stream beyond all measure', () => {
    const handed = new HandedText(openaiChat.stream);
    const filler = 'x'.repeat(100_000);
    for (let at = 0; at < 340; at++) handed.push(encode(chunk(filler)));
    expect(handed.text([])).toBeUndefined();
  });
});
