// Type-checks every ```ts block of README.md, docs/ and the docblocks of src as a module of its own, against the sources.
// Names that a block takes as given are declared below. A block keeps its place, so errors point at the line of the document.
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';

const given = `
import AnthropicClass from '@anthropic-ai/sdk';
import OpenAIClass, { AzureOpenAI as AzureOpenAIClass } from 'openai';
import * as managed from 'managed-llm';
import * as kit from 'managed-llm/testing';
declare global {
  const Anthropic: typeof AnthropicClass;
  const OpenAI: typeof OpenAIClass;
  const AzureOpenAI: typeof AzureOpenAIClass;
  const ManagedLLM: typeof managed.ManagedLLM;
  const ManagedLLMError: typeof managed.ManagedLLMError;
  type Interceptor = managed.Interceptor;
  type Route<C extends string = string> = managed.Route<C>;
  ${[
    'balance',
    'breaker',
    'budget',
    'cache',
    'canary',
    'canaryStatuses',
    'consoleTelemetry',
    'costOf',
    'definePrompt',
    'experiment',
    'fallback',
    'findModels',
    'hedge',
    'limit',
    'manage',
    'modelOf',
    'pick',
    'pool',
    'priceOf',
    'promptCaching',
    'provider',
    'receipts',
    'retry',
    'throttle',
    'timeLimits',
    'watchUngoverned',
    'when',
  ]
    .map((name) => `const ${name}: typeof managed.${name};`)
    .join('\n  ')}
  const standIn: typeof kit.standIn;
  const manualClock: typeof kit.manualClock;
  const llm: managed.ManagedLLM<{ openai: OpenAIClass; anthropic: AnthropicClass }>;
  const openai: OpenAIClass;
  const messages: OpenAIClass.ChatCompletionMessageParam[];
  const baseURL: string;
  const task: string;
  function agent(task: string): Promise<string>;
  function keyOf(tenant: string | undefined): string;
  function metrics(outcome: string, durationMs: number, attempts: number): void;
  function showBusy(): void;
  function page(message: string): void;
  const spend: managed.Budget;
  const log: managed.Receipts;
  function myVectors(): managed.VectorStore;
}
`;

// Packages that are injected, and installed by those who have them.
const elsewhere = `
declare module '@pinecone-database/pinecone' {
  export class Pinecone {
    index(options: { name: string }): import('managed-llm/vectors').PineconeIndex;
  }
}
declare module 'faiss-node' {
  const IndexFlatIP: new (dimensions: number) => import('managed-llm/vectors').FaissIndex;
  export default { IndexFlatIP };
}
`;

const files = [
  'README.md',
  'CONTRIBUTING.md',
  ...globSync('docs/**/*.md').filter((file) => !file.startsWith('docs/api')),
  ...globSync('src/**/*.ts'),
];
const sources = new Map([
  [resolve('given.ts'), given],
  [resolve('elsewhere.d.ts'), elsewhere],
]);
const places = new Map();
let blocks = 0;
for (const file of files) {
  const text = readFileSync(file, 'utf8');
  for (const found of text.matchAll(/^(?<margin> \* |)```ts\n(?<code>.*?)^\k<margin>```$/gms)) {
    blocks += 1;
    const { margin, code } = found.groups;
    const line = text.slice(0, found.index).split('\n').length;
    const path = resolve(`${file.replaceAll('/', '.')}.${blocks}.ts`);
    const bare = code
      .split('\n')
      .map((written) => written.slice(margin.length))
      .join('\n');
    // A member by itself stands for the options it is given in; `export {}` makes a module of every block.
    const whole = /^\w+: /.test(bare) ? `({${bare}});` : bare;
    sources.set(path, `${'\n'.repeat(line)}${whole}\nexport {};`);
    places.set(path, file);
  }
}

const config = ts.parseJsonConfigFileContent(
  ts.readConfigFile('tsconfig.json', ts.sys.readFile).config,
  ts.sys,
  '.',
);
const options = { ...config.options, noUnusedLocals: false, noUnusedParameters: false };
const host = ts.createCompilerHost(options);
const { fileExists, readFile, getSourceFile } = host;
host.fileExists = (path) => sources.has(resolve(path)) || fileExists(path);
host.readFile = (path) => sources.get(resolve(path)) ?? readFile(path);
host.getSourceFile = (path, target, ...rest) => {
  const own = sources.get(resolve(path));
  return own === undefined
    ? getSourceFile(path, target, ...rest)
    : ts.createSourceFile(path, own, target, true);
};

const program = ts.createProgram([...sources.keys()], options, host);
const problems = [...sources.keys()]
  .map((path) => program.getSourceFile(path))
  .flatMap((source) => [
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source),
  ]);
for (const { file, start, messageText } of problems) {
  const { line } = file.getLineAndCharacterOfPosition(start ?? 0);
  const where = `${places.get(resolve(file.fileName)) ?? 'scripts/check-readme.mjs (given)'}:${line + 1}`;
  console.error(`${where}  ${ts.flattenDiagnosticMessageText(messageText, '\n    ')}`);
}
if (problems.length > 0 || blocks === 0) {
  console.error(`\n${problems.length} errors in ${blocks} code blocks`);
  process.exit(1);
}
console.log(`docs: ${blocks} code blocks of ${new Set(places.values()).size} files compile`);
