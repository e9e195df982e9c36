// Writes docs/errors.md from the tables in src/errors/codes.ts; with --check it says whether the file is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { transform } from 'esbuild';

const file = 'docs/errors.md';
// Tables without imports: stripped of their types they are a module by itself, on any Node.
const { code } = await transform(readFileSync('src/errors/codes.ts', 'utf8'), { loader: 'ts' });
const { errorCodes, errorHelp } = await import(`data:text/javascript,${encodeURIComponent(code)}`);

const rows = Object.entries(errorCodes).map(
  ([name, { status, retryable }]) =>
    `| \`${name}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${errorHelp[name].meaning} | ${errorHelp[name].remedy} |`,
);

const text = `# Errors

<!-- Written by scripts/generate-errors-doc.mjs from src/errors/codes.ts: change it there. -->

Code written against a provider's SDK gets that SDK's own error classes, also for what this package refuses:
\`instanceof OpenAI.RateLimitError\` keeps working. \`ManagedLLMError.from(error)\` gives back the original behind it,
with a stable \`code\`, \`retryable\`, \`callId\` and \`details\`; \`undefined\` means that the error did not come from this
package (or is an Anthropic timeout, whose SDK drops the cause). Constructors, \`with\`, \`run\` and the neutral API throw it themselves.

\`\`\`ts
try {
  await llm.clients.openai.chat.completions.create({ model: 'smart', messages });
} catch (error) {
  const reason = ManagedLLMError.from(error);
  if (reason?.code === 'all-targets-failed') console.log(reason.details.failures);
  else throw error;
}
\`\`\`

Status: what drop-in code sees. Again: whether asking again later may help, if nothing more precise is known of the case.
A time limit reaches drop-in code as that SDK's own \`APIConnectionTimeoutError\`; its status is for \`llm.fetch\` and the neutral API.

| code | status | again | what happened | what to do |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;

if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
  console.log(`${file}: ${rows.length} codes`);
} else if (readFileSync(file, 'utf8') !== text) {
  console.error(`${file} is stale: run \`npm run docs:errors\``);
  process.exit(1);
} else {
  console.log(`${file}: up to date, ${rows.length} codes`);
}
