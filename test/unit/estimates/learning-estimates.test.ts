import * as fc from 'fast-check';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import type { RequestMeasure } from '../../../src/core/estimates.ts';
import type { Target } from '../../../src/core/target.ts';
import type { Usage } from '../../../src/core/usage.ts';
import { openaiChat, openaiEmbeddings, openaiResponses } from '../../../src/dialects/index.ts';
import { LearningEstimates } from '../../../src/estimates/learning-estimates.ts';

const words = 'the tide turned early and nobody on the coast had expected so much water in the harbour ';
const target: Target = { provider: 'local', model: 'some-model' };
const chat = (content: string, more: object = {}): RequestMeasure =>
  openaiChat.request.measure({ messages: [{ role: 'user', content }], ...more });
const reported = (inputTokens: number, outputTokens = 100): Usage => ({
  inputTokens,
  outputTokens,
  provenance: 'reported',
});

/** Learns from requests of different lengths, each of which comes to `factor` times what it is first taken for. */
function taught(factor: number, count = 40, about: Target = target): LearningEstimates {
  const estimates = new LearningEstimates();
  for (let index = 0; index < count; index++) {
    const measure = chat(words.repeat(1 + (index % 10)));
    estimates.learn(about, measure, reported(Math.round(factor * measure.guessedTokens)), 1_000);
  }
  return estimates;
}

describe('the input that is expected', () => {
  const request = chat(words.repeat(20));

  it('is about the tokens of the text, before anything was learnt', () => {
    const { inputTokens } = new LearningEstimates().estimate(target, request, undefined);
    const actual = countTokens(words.repeat(20));
    expect(inputTokens).toBeGreaterThan(actual * 0.8);
    expect(inputTokens).toBeLessThan(actual * 1.3);
  });

  it('is what requests like it came to, however far from the first guess', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.4, max: 3, noNaN: true }), (factor) => {
        const { inputTokens } = taught(factor).estimate(target, request, undefined);
        expect(inputTokens).toBeGreaterThan(factor * request.guessedTokens * 0.85);
        expect(inputTokens).toBeLessThan(factor * request.guessedTokens * 1.15 + 10);
      }),
      { numRuns: 30 },
    );
  });

  it('is learnt for each target, and is not that of another', () => {
    const estimates = taught(2);
    const before = new LearningEstimates().estimate(
      { provider: 'other', model: 'gpt-6-sol' },
      request,
      undefined,
    );
    expect(estimates.estimate({ provider: 'other', model: 'gpt-6-sol' }, request, undefined)).toEqual(before);
  });

  it('of a target that is new is what models of the same maker came to', () => {
    const estimates = taught(2, 40, { provider: 'local', model: 'llama3.2:3b' });
    const { inputTokens } = estimates.estimate(
      { provider: 'groq', model: 'llama-4-scout' },
      request,
      undefined,
    );
    expect(inputTokens).toBeGreaterThan(request.guessedTokens * 1.7);
  });

  it('is not changed by one report that is far off, nor by what was not reported', () => {
    const estimates = taught(1);
    const before = estimates.estimate(target, request, undefined).inputTokens;
    estimates.learn(target, request, reported(1_000_000), 1_000);
    expect(estimates.estimate(target, request, undefined).inputTokens).toBeLessThan(before * 1.25);
    const estimated: Usage = { inputTokens: 1, outputTokens: 1, provenance: 'estimated' };
    const kept = estimates.estimate(target, request, undefined);
    for (let index = 0; index < 10; index++) estimates.learn(target, request, estimated, 1_000);
    expect(estimates.estimate(target, request, undefined)).toEqual(kept);
  });

  it('includes what tools take that the provider explains to the model', () => {
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];
    const claude: Target = { provider: 'openrouter', model: 'anthropic/claude-sonnet-4.5' };
    const estimates = new LearningEstimates();
    const bare = estimates.estimate(claude, chat('x'), undefined).inputTokens;
    expect(estimates.estimate(claude, chat('x', { tools }), undefined).inputTokens).toBeGreaterThan(
      bare + 400,
    );
  });

  it('includes pictures, and learns what those without a size come to', () => {
    const image = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } };
    const measure = openaiChat.request.measure({ messages: [{ role: 'user', content: [image] }] });
    const estimates = new LearningEstimates();
    expect(estimates.estimate(target, measure, undefined).inputTokens).toBeGreaterThan(500);
    for (let index = 0; index < 30; index++) estimates.learn(target, measure, reported(310), 1_000);
    const { inputTokens } = estimates.estimate(target, measure, undefined);
    expect(inputTokens).toBeGreaterThan(250);
    expect(inputTokens).toBeLessThan(400);
  });

  it('of a request that does not show all of itself is what such requests came to', () => {
    const hidden = openaiResponses.request.measure({ input: 'and then?', previous_response_id: 'r' });
    const estimates = new LearningEstimates();
    for (let index = 0; index < 10; index++) estimates.learn(target, hidden, reported(8_000), 1_000);
    expect(estimates.estimate(target, hidden, undefined).inputTokens).toBeGreaterThan(7_000);
    expect(estimates.estimate(target, chat('and then?'), undefined).inputTokens).toBeLessThan(100);
  });

  it('of tokens given by number is their number', () => {
    const numbers = openaiEmbeddings.request.measure({
      input: Array.from({ length: 500 }, (_, index) => index),
    });
    const embedding: Target = { provider: 'openai', model: 'text-embedding-3-small' };
    const { inputTokens } = new LearningEstimates().estimate(embedding, numbers, undefined);
    expect(inputTokens).toBeGreaterThanOrEqual(500);
    expect(inputTokens).toBeLessThan(510);
  });

  it('is never above its bound, whatever was learnt', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 50 }), fc.array(fc.nat(1e7), { maxLength: 20 }), (content, seen) => {
        const estimates = new LearningEstimates();
        const measure = chat(content);
        for (const tokens of seen) estimates.learn(target, measure, reported(tokens), 1_000);
        const { inputTokens, inputBound = 0 } = estimates.estimate(target, measure, undefined);
        expect(inputTokens).toBeLessThanOrEqual(inputBound);
        expect(inputTokens).toBeGreaterThan(0);
      }),
    );
  });
});

describe('the output that is expected', () => {
  const outputs = (estimates: LearningEstimates, more?: object): number =>
    estimates.estimate(target, chat('x', more), undefined).outputTokens;

  it('is the mean of what was answered, within the request’s limit', () => {
    const estimates = new LearningEstimates();
    for (let index = 0; index < 100; index++)
      estimates.learn(target, chat('x'), reported(10, index % 2 === 0 ? 200 : 1_000), 1_000);
    expect(outputs(estimates)).toBeGreaterThan(500);
    expect(outputs(estimates)).toBeLessThan(700);
    expect(outputs(estimates, { max_tokens: 300 })).toBeGreaterThan(200);
    expect(outputs(estimates, { max_tokens: 300 })).toBeLessThanOrEqual(300);
    expect(outputs(estimates, { max_tokens: 5 })).toBe(5);
  });

  it('counts as many answers as are asked for, also in its bound', () => {
    const estimates = new LearningEstimates();
    expect(outputs(estimates, { n: 3 })).toBe(3 * outputs(estimates));
    expect(estimates.estimate(target, chat('x', { n: 3, max_tokens: 100 }), undefined).outputBound).toBe(300);
    expect(estimates.estimate(target, chat('x'), undefined).outputBound).toBeUndefined();
  });

  it('comes as fast as it came before', () => {
    const estimates = new LearningEstimates();
    expect(estimates.tokensPerSecond(target)).toBe(50);
    for (let index = 0; index < 20; index++) estimates.learn(target, chat('x'), reported(10, 400), 2_000);
    expect(estimates.tokensPerSecond(target)).toBeCloseTo(200);
    // What arrives at once was not generated in no time.
    estimates.learn(target, chat('x'), reported(10, 4_000), 1);
    expect(estimates.tokensPerSecond(target)).toBeCloseTo(200);
  });
});

describe('a tokenizer', () => {
  const text = 'pseudoword gromulent flibbertigibbet '.repeat(20);

  it('counts what is expected, and bounds nothing', () => {
    const exact = new LearningEstimates({ tokenizer: { count: (each) => countTokens(each) } });
    const plain = new LearningEstimates();
    const measure = chat(text);
    const actual = countTokens(text);
    const off = (estimates: LearningEstimates): number =>
      Math.abs(estimates.estimate(target, measure, undefined).inputTokens - actual) / actual;
    expect(off(exact)).toBeLessThan(0.1);
    expect(off(exact)).toBeLessThan(off(plain));
    expect(exact.estimate(target, measure, undefined).inputBound).toBe(
      plain.estimate(target, measure, undefined).inputBound,
    );
  });

  it.each([
    ['does not know the model', () => undefined],
    ['answers nonsense', () => Number.NaN],
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
  ])('that %s leaves the request to the estimate', (_what, count) => {
    const reports: unknown[] = [];
    const estimates = new LearningEstimates({
      tokenizer: { count },
      report: (thrown) => void reports.push(thrown),
    });
    expect(estimates.estimate(target, chat(text), undefined)).toEqual(
      new LearningEstimates().estimate(target, chat(text), undefined),
    );
    expect(reports).toHaveLength(_what === 'throws' ? 1 : 0);
  });

  it('is given every text of the request, and nothing is collected without one', () => {
    const seen: string[] = [];
    const measure = openaiChat.request.measure({
      messages: [
        { role: 'system', content: 'rules' },
        { role: 'user', content: [{ type: 'text', text: 'question' }] },
      ],
      tools: [{ type: 'function', function: { name: 'f' } }],
    });
    const count = (text: string): number => seen.push(text);
    new LearningEstimates({ tokenizer: { count } }).estimate(target, measure, undefined);
    expect(seen).toEqual(['rules', 'question', '[{"type":"function","function":{"name":"f"}}]']);
    let collected = 0;
    const watched: RequestMeasure = { ...measure, texts: () => (collected++, []) };
    new LearningEstimates().estimate(target, watched, undefined);
    expect(collected).toBe(0);
  });
});

describe('what is known of a model', () => {
  it('goes by what a deployment is said to be', () => {
    const image = { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'low' } };
    const measure = openaiChat.request.measure({ messages: [{ role: 'user', content: [image] }] });
    const deployment: Target = { provider: 'azure', model: 'chat-prod' };
    const known = new LearningEstimates({ modelOf: () => 'gpt-4o' });
    const bound = known.estimate(deployment, measure, undefined).inputBound ?? Infinity;
    expect(bound).toBeLessThan(
      new LearningEstimates().estimate(deployment, measure, undefined).inputBound ?? 0,
    );
  });

  it('is forgotten rather than grow with the number of names ever used', () => {
    const estimates = taught(2);
    // Each of a maker of its own.
    for (let index = 0; index < 2_000; index++)
      estimates.learn({ provider: 'p', model: lettersOf(index) }, chat('x'), reported(10), 1_000);
    const request = chat(words.repeat(20));
    expect(estimates.estimate(target, request, undefined)).toEqual(
      new LearningEstimates().estimate(target, request, undefined),
    );
  });
});

function lettersOf(index: number): string {
  return index.toString(8).replaceAll(/\d/g, (digit) => 'abcdefgh'.charAt(Number(digit)));
}
