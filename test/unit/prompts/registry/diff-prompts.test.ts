import { definePrompt, promptFromJSON } from 'managed-llm';
import { diffPrompts } from 'managed-llm/prompts';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { nextVersion } from '../versions.ts';

const system = (content: string) => ({ role: 'system', content }) as const;
const user = (content: string) => ({ role: 'user', content }) as const;
const prompt = (more: object) => promptFromJSON({ name: 'diffed', version: nextVersion(), ...more });

describe('what is different between two versions', () => {
  test('of which nearly all lines are others is all of both, in little time', async () => {
    const lines = (of: string) => Array.from({ length: 20_000 }, (_, at) => `${of} ${at}`).join('\n');
    const startedAt = performance.now();
    const diff = await diffPrompts(prompt({ template: lines('old') }), prompt({ template: lines('new') }));
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(diff.messages[0]?.lines).toHaveLength(40_000);
    expect(diff.messages[0]?.lines[20_000]).toEqual({ change: 'added', text: 'new 0' });
    expect(diff.text).toContain('@@ -1,20001 +1,20001 @@\n-user:\n-old 0\n');
    expect(diff.text.split('\n')).toHaveLength(3 + 40_002 + 1);
  });

  test('is told member by member, and as text', async () => {
    const a = definePrompt({
      name: 'diffed',
      version: 'a',
      model: 'gpt-5-mini',
      partials: { house: 'Be brief.' },
      messages: [system('Help {{company}}.\n{{> house}}\nNever guess.'), user('{{question}}')],
      parameters: { temperature: 0, maxOutputTokens: 100 },
    });
    const b = definePrompt({
      name: 'diffed',
      version: 'b',
      model: 'gpt-5',
      messages: [system('Help {{company}} in {{language}}.\nBe brief.\nNever guess.'), user('{{question}}')],
      parameters: { maxOutputTokens: 100, reasoning: { effort: 'low' } },
      output: z.object({ answer: z.string() }),
    });
    const diff = await diffPrompts(a, b);
    expect(diff).toMatchObject({
      from: { name: 'diffed', version: 'a', hash: a.hash },
      to: { version: 'b' },
      same: false,
      model: { from: 'gpt-5-mini', to: 'gpt-5' },
      variables: { added: ['language'], removed: [] },
      output: true,
    });
    expect(diff.parameters).toEqual({ temperature: { from: 0 }, reasoning: { to: { effort: 'low' } } });
    expect(diff.messages).toEqual([
      {
        change: 'changed',
        role: 'system',
        index: 0,
        lines: [
          { change: 'removed', text: 'Help {{company}}.' },
          { change: 'added', text: 'Help {{company}} in {{language}}.' },
          { change: 'kept', text: 'Be brief.' },
          { change: 'kept', text: 'Never guess.' },
        ],
      },
    ]);
    expect(diff.text.split('\n').slice(0, 5)).toEqual([
      '--- diffed@a',
      '+++ diffed@b',
      expect.stringMatching(/^@@ /),
      '-model: gpt-5-mini',
      '-temperature: 0',
    ]);
    expect(diff.text).toContain('\n-Help {{company}}.\n+Help {{company}} in {{language}}.\n Be brief.');
  });

  test('is nothing where both give the same requests', async () => {
    const [a, b] = [prompt({ template: 'Hi {{name}}' }), prompt({ messages: [user('Hi {{name}}')] })];
    expect(await diffPrompts(a, b)).toMatchObject({
      same: true,
      model: undefined,
      parameters: {},
      messages: [],
      output: false,
      text: '',
    });
  });

  test('is seen where it is only blanks', async () => {
    const { text, messages } = await diffPrompts(
      prompt({ template: 'one\ntwo\nthree\tx' }),
      prompt({ template: 'one  \ntwo\u00a0\nthree x' }),
    );
    expect(text).toContain('-one\n-two\n-three→x\n+one··\n+two⍽\n+three x');
    expect(messages[0]?.lines.filter(({ change }) => change === 'added')).toHaveLength(3);
  });

  test('lines that look like those of a diff, and braces, are shown as they are', async () => {
    const { text } = await diffPrompts(
      prompt({ template: '-- a\n{{{{x}}\n====' }),
      prompt({ template: '++ b\n{{{{y}}\n===' }),
    );
    expect(text).toContain('--- a\n-{{{{x}}\n-====\n+++ b\n+{{{{y}}\n+===');
  });

  test('messages that were put in or taken out are told, and those round them are not', async () => {
    const [a, b, c] = [
      prompt({ messages: [system('S'), user('1'), { role: 'assistant', content: '2' }, user('3')] }),
      prompt({ messages: [system('S'), user('3')] }),
      prompt({ messages: [{ role: 'developer', content: 'S' }, user('3')] }),
    ];
    expect((await diffPrompts(a, b)).messages).toMatchObject([
      { change: 'removed', role: 'user', index: 1, lines: [{ change: 'removed', text: '1' }] },
      { change: 'removed', role: 'assistant', index: 2 },
    ]);
    expect((await diffPrompts(b, a)).messages).toMatchObject([
      { change: 'added', role: 'user', index: 1 },
      { change: 'added', role: 'assistant', index: 2 },
    ]);
    expect((await diffPrompts(b, c)).messages).toEqual([
      {
        change: 'changed',
        role: 'developer',
        roleBefore: 'system',
        index: 0,
        lines: [{ change: 'kept', text: 'S' }],
      },
    ]);
  });

  test('a variable that becomes an image goes and comes', async () => {
    const { variables } = await diffPrompts(
      prompt({ template: '{{a}}' }),
      prompt({ template: '{{image:a}}' }),
    );
    expect(variables).toEqual({ added: ['a'], removed: ['a'] });
  });

  test('what is no prompt is refused', async () => {
    await expect(diffPrompts({} as never, prompt({ template: 'x' }))).rejects.toThrow(
      '`diffPrompts.from` must be a prompt, as `definePrompt` makes one.',
    );
  });
});
