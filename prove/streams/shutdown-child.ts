// A service with open streams that is told to stop. Started by shutdown.ts: node shutdown-child.ts <url> <count> <timeoutMs>
import { ManagedLLM, ManagedLLMError } from 'managed-llm';
import { bareClients, dialects, plain, stream } from './lab.ts';

const [url = '', count = '0', timeoutMs] = process.argv.slice(2);
const llm = new ManagedLLM({ providers: { ...bareClients({ url }) } });
const outcomes: string[] = [];
llm.on('call:end', ({ outcome }) => outcomes.push(outcome));

const ends: string[] = [];
let opened = 0;
const readers = Array.from({ length: Number(count) }, async (_, index) => {
  const events = await stream(
    llm.clients,
    dialects[index % 3] ?? 'chat',
    {},
    index % 2 === 0 ? 'short' : 'long',
  );
  let first = true;
  try {
    for await (const _event of events) {
      if (!first) continue;
      first = false;
      if (++opened === Number(count)) process.send?.({ opened });
    }
    ends.push('clean');
  } catch (error) {
    ends.push(ManagedLLMError.from(error)?.code ?? String(error));
  }
});

process.once('SIGTERM', async () => {
  const closing = llm.close(timeoutMs === undefined ? {} : { timeoutMs: Number(timeoutMs) });
  const refused = await plain(llm.clients, 'chat').then(
    () => 'answered',
    (error: unknown) => ManagedLLMError.from(error)?.code ?? String(error),
  );
  await closing;
  const settled = [...outcomes];
  await Promise.all(readers);
  // The channel is all that keeps this process alive now.
  process.send?.({ settled, ends, refused }, () => process.disconnect());
});
