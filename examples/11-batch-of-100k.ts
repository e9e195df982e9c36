// A batch that can be stopped whenever you like, by Ctrl-C or worse: the next run goes on where it was. People who ask
// meanwhile are answered first. `node examples/11-batch-of-100k.ts 100000` asks 100,000 times; without a number, 2,000.
import { writeSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManagedLLM, retry, throttle } from 'managed-llm';
import { standIn } from 'managed-llm/testing';
import OpenAI, { APIError } from 'openai';
import pMap from 'p-map';

const total = Number(process.argv[2] ?? 2_000);
const provider = standIn({ keepRequests: 0 }).always({ latencyMs: 10 });
await using llm = new ManagedLLM({
  providers: { openai: new OpenAI({ apiKey: 'none', fetch: provider.fetch }) },
  // Your account's own `requestsPerMinute` and `tokensPerMinute` belong here too.
  interceptors: [retry(), throttle({ openai: { concurrency: 100 } })],
});
const batch = llm.with({ priority: 'batch' }).clients.openai;
const interactive = llm.with({ priority: 'interactive' }).clients.openai;

// A line for each answer, written before the next prompt is sent. One that was cut off lacks its end, the id.
const path = join(tmpdir(), `managed-llm-batch-of-${total}.jsonl`);
await using file = await open(path, 'a+');
const done = new Set<number>();
for await (const line of file.readLines({ start: 0, autoClose: false })) {
  const id = /"id":(\d+)\}$/.exec(line)?.[1];
  if (id !== undefined) done.add(Number(id));
}
if (done.size > 0) console.log(`goes on after ${done.size} of ${total}`);
writeSync(file.fd, '\n');

let answered = done.size;
let failed = 0;
const halfway = Math.floor((total + answered) / 2);
let person: Promise<void> | undefined;

function* ids(): Generator<number, void> {
  for (let id = 0; id < total; id += 1) if (!done.has(id)) yield id;
}
async function answer(id: number): Promise<void> {
  try {
    const reply = await batch.responses.create({ model: 'gpt-6-luna', input: `Summarize document ${id}.` });
    writeSync(file.fd, `${JSON.stringify({ text: reply.output_text, id })}\n`);
    answered += 1;
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    failed += 1; // the next run asks again
  }
  if (answered === halfway) person ??= askMeanwhile();
}
async function askMeanwhile(): Promise<void> {
  const before = answered;
  await interactive.responses.create({ model: 'gpt-6-luna', input: 'I am waiting.' });
  console.log(
    `a person asked, and ${answered - before} of the batch were answered meanwhile, of 400 that had asked`,
  );
}

const startedAt = performance.now();
await pMap(ids(), answer, { concurrency: 400 }); // 100 under way, 300 waiting for their turn
await person;
const seconds = (performance.now() - startedAt) / 1_000;
const megabytes = process.resourceUsage().maxRSS / 1_024;
console.log(
  `${answered} of ${total} answered, ${failed} failed: ${seconds.toFixed(1)} s, ${megabytes.toFixed(0)} MB at most`,
);
if (answered === total) await rm(path);
else process.exitCode = 1;
