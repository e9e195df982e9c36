import { canary, definePrompt, experiment, type ExperimentArm, type Interceptor } from 'managed-llm';
import { expect, test } from 'vitest';
import { governed } from './governed.ts';

const greeting = definePrompt({ name: 'greeting', version: '2', template: 'Greet {{name}} warmly.' });
const farewell = definePrompt({ name: 'farewell', version: '1', template: 'Bye, {{name}}.' });
const model = { model: 'openai/gpt-5-mini' };

const tried = (arm: ExperimentArm): Interceptor => canary({ name: 'next', canary: arm });
const compared = (arm: ExperimentArm, where?: { readonly tenant: string }): Interceptor =>
  experiment({ name: 'tone', arms: { control: {}, other: arm }, ...(where && { where }) });

function told(...interceptors: readonly Interceptor[]): string[] {
  return governed({ interceptors: [...interceptors] }).errors.map(({ message }) => message);
}

test('a canary and an experiment that give the same calls a prompt or a model are reported', () => {
  expect(told(tried({ prompt: greeting }), compared({ prompt: greeting }))).toEqual([
    expect.stringMatching(/the canary `next` and the experiment `tone`.* a version of the prompt `greeting`/),
  ]);
  expect(told(compared(model), tried(model))).toEqual([
    expect.stringMatching(/the experiment `tone` and the canary `next`.* a model/),
  ]);
  expect(told(compared({ prompt: greeting, ...model }), tried(model))).toHaveLength(1);
});

test('those that give different ones, or whose calls may be told apart, are not', () => {
  expect(told(tried({ prompt: greeting }), compared({ prompt: farewell }))).toEqual([]);
  expect(told(tried({ prompt: greeting, ...model }), compared({ prompt: farewell, ...model }))).toEqual([]);
  expect(told(tried(model), compared({ parameters: { seed: 1 } }))).toEqual([]);
  expect(told(tried(model), compared(model, { tenant: 'acme' }))).toEqual([]);
  expect(told(tried(model))).toEqual([]);
});
