import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

const definition = `
import { definePrompt, ManagedLLM } from 'managed-llm';
import { OpenAI } from 'openai';
import * as z from 'zod';
const openai = new OpenAI();
export const llm = new ManagedLLM({ providers: { openai } });
export const support = definePrompt({
  name: 'support',
  version: '3',
  model: 'openai/gpt-6-luna',
  messages: [
    { role: 'system', content: 'You answer customers of {{company}}.' },
    { role: 'user', content: '{{question}}' },
  ],
});
export const sort = definePrompt({
  name: 'sort',
  version: '1',
  model: 'openai/gpt-6-luna',
  template: '{{company}} {{question}}',
  output: z.object({ topic: z.string() }),
});
`;

const lines = {
  misspelt: `support.openai({ compny: 'Acme', question: 'Where?' });`,
  misspeltInChat: `void llm.chat({ prompt: support, variables: { compny: 'Acme', question: 'Where?' } });`,
  misspeltInObject: `void llm.object({ prompt: sort, variables: { compny: 'Acme', question: 'Where?' } });`,
  withoutOutput: `void llm.object({ prompt: support, variables: { company: 'Acme', question: 'Where?' } });`,
  missing: `support.openai({ question: 'Where?' });`,
};
type Line = keyof typeof lines;

/** What the compiler says of each line behind that definition, by code and first to last message. */
const complaints: Partial<Record<Line, readonly string[]>> = {};

// One program for all: most of the time goes into the package's own types.
beforeAll(() => {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile) as { config: object };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root);
  const { tsBuildInfoFile: _file, ...plain } = { ...options, incremental: false };
  const nameOf = (line: string): string => `${root}test/unit/prompts/${line}.ts`;
  const texts = new Map(Object.entries(lines).map(([line, code]) => [nameOf(line), definition + code]));
  const host = ts.createCompilerHost(plain);
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (name, version, ...rest) => {
    const text = texts.get(name);
    return text === undefined
      ? getSourceFile.call(host, name, version, ...rest)
      : ts.createSourceFile(name, text, version);
  };
  host.fileExists = (name) => texts.has(name) || fileExists.call(host, name);
  const program = ts.createProgram([...texts.keys()], plain, host);
  for (const line of Object.keys(lines) as Line[])
    complaints[line] = program
      .getSemanticDiagnostics(program.getSourceFile(nameOf(line)))
      .map(({ code, messageText }) => `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}, 120_000);

const taken = '{ readonly company: PromptValue; readonly question: PromptValue; }';
const hint = `Object literal may only specify known properties, but 'compny' does not exist in type '${taken}'. Did you mean to write 'company'?`;

test('Of a misspelt variable the compiler says which one was meant', () => {
  expect(complaints.misspelt).toEqual([`TS2561: ${hint}`]);
  for (const all of [complaints.misspeltInChat, complaints.misspeltInObject]) {
    expect(all).toHaveLength(1);
    const [told] = all ?? [];
    expect(told).toContain('TS2769: No overload matches this call.');
    // TypeScript 7 shows what the last overload complains of, and nothing else.
    expect(told?.split('Overload 2 of 2')[1]).toContain(hint);
  }
});

test('Of a missing variable it says which one it is', () => {
  const [told] = complaints.missing ?? [];
  expect(told).toContain(
    `Property 'company' is missing in type '{ question: string; }' but required in type '${taken}'.`,
  );
});

test('Of an object whose prompt has no output it says what is missing', () => {
  expect(complaints.withoutOutput).toHaveLength(1);
  expect(complaints.withoutOutput?.[0]?.split('Overload 2 of 2')[1]).toMatch(
    /Property 'output' is missing in type 'Prompt<.*>' but required in type 'PromptWithOutput'\./s,
  );
});
