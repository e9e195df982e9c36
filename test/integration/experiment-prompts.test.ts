import { definePrompt, experiment, type Experiment } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { governed, type Governed } from './governed.ts';

const first = definePrompt({ name: 'greeting', version: '1', template: 'Greet {{name}}.' });
const second = definePrompt({ name: 'greeting', version: '2', template: 'Greet {{name}} warmly.' });
const wanting = definePrompt({ name: 'greeting', version: '3', template: 'Greet {{name}} of {{city}}.' });
const another = definePrompt({ name: 'farewell', version: '1', template: 'Bye, {{name}}.' });

interface World extends Governed {
  readonly tone: Experiment<'control' | 'warm'>;
}

/** Everybody is in the warm arm. */
function world(warm = second): World {
  const tone = experiment({
    name: 'tone',
    arms: { control: {}, warm: { prompt: warm } },
    weights: { control: 0 },
    by: 'call',
  });
  return { ...governed({ interceptors: [tone] }), tone };
}

const texts = ({ provider }: Governed): string[] => provider.requests.map(({ body }) => JSON.stringify(body));
const told = ({ receipts }: Governed) =>
  receipts.map(({ facts: { prompt, experiments } }) => [prompt?.version, experiments?.[0]?.arm]);

describe('an experiment over versions of a prompt', () => {
  test('renders calls of that prompt as their arm has it, through either SDK and without one', async () => {
    const all = world();
    const variables = { name: 'Ann' };
    await all.llm.clients.openai.chat.completions.create(...first.openai(variables, { model: 'gpt' }));
    await all.llm.clients.openai.responses.create(...first.responses(variables, { model: 'gpt' }));
    await all.llm.clients.anthropic.messages.create(
      ...first.anthropic(variables, { model: 'claude', max_tokens: 100 }),
    );
    await all.llm.chat({ model: 'openai/gpt', prompt: first, variables });
    await all.llm.idle();
    expect(texts(all).map((text) => text.includes('Greet Ann warmly.'))).toEqual([true, true, true, true]);
    expect(told(all)).toEqual(Array.from({ length: 4 }, () => ['2', 'warm']));
  });

  test('has to do with no other calls', async () => {
    const all = world();
    await all.llm.chat({ model: 'openai/gpt', messages: 'Greet Ann.' });
    await all.llm.chat({ model: 'openai/gpt', prompt: another, variables: { name: 'Ann' } });
    await all.llm.idle();
    expect(told(all)).toEqual([
      [undefined, undefined],
      ['1', undefined],
    ]);
    expect(all.errors).toEqual([]);
  });

  test('leaves alone, and reports, calls that an arm cannot be rendered from, whichever arm they would be in', async () => {
    for (const weights of [{ control: 0 }, { warm: 0 }]) {
      const tone = experiment({
        name: 'tone',
        arms: { control: {}, warm: { prompt: wanting } },
        weights,
        by: 'call',
      });
      const all = governed({ interceptors: [tone] });
      await all.llm.chat({ model: 'openai/gpt', prompt: first, variables: { name: 'Ann' } });
      await all.llm.idle();
      expect(texts(all)[0]).toContain('Greet Ann.');
      expect(told(all)).toEqual([['1', undefined]]);
      const message = expect.stringMatching(/^In the experiment `tone`: .*city.* are in no arm/) as unknown;
      expect(all.errors).toMatchObject([{ code: 'prompt-variables', message }]);
      // Told once a minute.
      await all.llm.chat({ model: 'openai/gpt', prompt: first, variables: { name: 'Ann' } });
      expect(all.errors).toHaveLength(1);
      await all.clock.advance(60_000);
      await all.llm.chat({ model: 'openai/gpt', prompt: first, variables: { name: 'Ann' } });
      expect(all.errors).toHaveLength(2);
    }
  });

  test('tells the call’s own version where its arm leaves it', async () => {
    const tone = experiment({
      name: 'tone',
      arms: { control: {}, warm: { prompt: second } },
      weights: { warm: 0 },
      by: 'call',
    });
    const all = governed({ interceptors: [tone] });
    await all.llm.chat({ model: 'openai/gpt', prompt: first, variables: { name: 'Ann' } });
    await all.llm.idle();
    expect(texts(all)[0]).toContain('Greet Ann.');
    expect(told(all)).toEqual([['1', 'control']]);
  });

  test('counts anew where a version says something else', async () => {
    const all = world();
    await all.llm.chat({ model: 'openai/gpt', prompt: first, variables: { name: 'Ann' } });
    expect((await all.tone.results()).arms.warm.calls).toBe(1);
    const other = experiment({ name: 'tone', arms: { control: {}, warm: { prompt: wanting } }, by: 'call' });
    const again = governed({ interceptors: [other] });
    expect((await other.results()).arms.warm.calls).toBe(0);
    await again.llm.close();
  });

  test.each<{ what: string; arms: object }>([
    { what: 'versions of several prompts', arms: { a: { prompt: first }, b: { prompt: another } } },
    { what: 'what is no prompt', arms: { a: {}, b: { prompt: 'greeting' } } },
    { what: 'an arm that changes nothing', arms: { a: { prompt: first }, b: {} } },
  ])('refuses $what', ({ arms }) => {
    expect(() => experiment({ name: 'tone', arms } as never)).toThrow('experiment.arms');
  });

  test('names the options of an arm for one that is misspelt', () => {
    const arms = { a: {}, b: { modle: 'openai/gpt' } };
    expect(() => experiment({ name: 'tone', arms } as never)).toThrow(
      /`experiment\.arms\.b` has no option `modle`\. Did you mean `model`\?/,
    );
    const parameters = { max_tokens: 3 };
    expect(() => experiment({ name: 'tone', arms: { a: {}, b: { parameters } } } as never)).toThrow(
      /`experiment\.arms\.b\.parameters` has no option `max_tokens`/,
    );
  });
});
