import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

const definition = `
import { definePrompt, ManagedLLM } from 'managed-llm';
import { OpenAI } from 'openai';
const openai = new OpenAI();
export const llm = new ManagedLLM({ providers: { openai } });
const support = definePrompt({
  name: 'support',
  version: '3',
  model: 'openai/gpt-5-mini',
  messages: [
    { role: 'system', content: 'You answer customers of {{company}}.' },
    { role: 'user', content: '{{question}}' },
  ],
});
`;

/** What the compiler says of a line behind that, by code and first to last message. */
function complaints(line: string): readonly string[] {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile) as { config: object };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root);
  const file = `${root}test/unit/prompts/snippet.ts`;
  const host = ts.createCompilerHost({ ...options, incremental: false });
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (name, version, ...rest) =>
    name === file
      ? ts.createSourceFile(name, definition + line, version)
      : getSourceFile.call(host, name, version, ...rest);
  host.fileExists = (name) => name === file || fileExists.call(host, name);
  const { tsBuildInfoFile: _file, ...plain } = options;
  const program = ts.createProgram([file], { ...plain, incremental: false }, host);
  return program
    .getSemanticDiagnostics(program.getSourceFile(file))
    .map(({ code, messageText }) => `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}

const taken = '{ readonly company: PromptValue; readonly question: PromptValue; }';
const hint = `Object literal may only specify known properties, but 'compny' does not exist in type '${taken}'. Did you mean to write 'company'?`;

test('Of a misspelt variable the compiler says which one was meant', { timeout: 120_000 }, () => {
  expect(complaints(`support.openai({ compny: 'Acme', question: 'Where?' });`)).toEqual([`TS2561: ${hint}`]);
  const [told, ...others] = complaints(
    `void llm.chat({ prompt: support, variables: { compny: 'Acme', question: 'Where?' } });`,
  );
  expect(others).toEqual([]);
  expect(told).toContain('TS2769: No overload matches this call.');
  expect(told).toContain(hint);
});

test('Of a missing variable it says which one it is', { timeout: 120_000 }, () => {
  const [told] = complaints(`support.openai({ question: 'Where?' });`);
  expect(told).toContain(
    `Property 'company' is missing in type '{ question: string; }' but required in type '${taken}'.`,
  );
});
