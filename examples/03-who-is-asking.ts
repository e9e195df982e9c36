// Who is asking: settings for everything inside a scope, settings that travel with a client, one client per tenant, and
// what it all came to.
import OpenAI from 'openai';
import { ManagedLLM, ManagedLLMError, type Receipt } from 'managed-llm';
import { standIn } from 'managed-llm/testing';

const provider = standIn();
const keys: Readonly<Record<string, string>> = { acme: 'key-of-acme', globex: 'key-of-globex' };
const llm = new ManagedLLM({
  providers: {
    openai: new OpenAI({ apiKey: 'test', fetch: provider.fetch }),
    // One client a caller: made on first use, kept in a bounded table, bound to that caller.
    own: ({ tenant }) => new OpenAI({ apiKey: keys[tenant ?? ''] ?? 'none', fetch: provider.fetch }),
  },
});

/** Code that knows nothing of who is asking. */
async function agent(task: string): Promise<string> {
  const ask = (input: string) => llm.clients.openai.responses.create({ model: 'gpt-6-luna', input });
  const [plan, risks] = await Promise.all([ask(`Plan: ${task}`), ask(`Risks of: ${task}`)]);
  return (await ask(`${plan.output_text} ${risks.output_text}`)).output_text;
}

llm.on('call:end', ({ caller, durationMs }) =>
  console.log('ended:', JSON.stringify(caller), durationMs, 'ms'),
);

// `run`: everything inside, however deep. `track`: the receipts of everything inside.
const scope = llm.track(() =>
  llm.run({ user: 'alice', tenant: 'acme', deadlineMs: 5_000 }, () => agent('a picnic')),
);
await scope.result;
const sum = (receipts: readonly Receipt[]): number =>
  receipts.reduce((tokens, { usage }) => tokens + (usage?.outputTokens ?? 0), 0);
const { receipts } = await scope.settled;
console.log(`alice: ${receipts.length} calls, ${sum(receipts)} tokens written`);

// `with`: settings that stay with a client, also where the scope is gone. It goes before `run`, key by key.
const forBob = llm.with({ user: 'bob', tags: { feature: 'search' } }).clients.openai;
const { data, response } = await llm.run({ user: 'nobody', tenant: 'globex' }, () =>
  forBob.responses.create({ model: 'gpt-6-luna', input: 'Where?' }).withResponse(),
);
console.log(data.output_text, (await llm.receipt(response)).caller);

// A client per tenant: resolved where it is taken.
await llm.run({ tenant: 'globex' }, () => llm.clients.own.models.list());
console.log('sent with:', provider.requests.at(-1)?.headers['authorization']);
try {
  void llm.clients.own;
} catch (error) {
  if (!ManagedLLMError.isInstance(error) || error.code !== 'caller-required') throw error;
  console.log(error.message);
}
