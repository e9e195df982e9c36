// Prints how many bytes an open stream holds: `open-streams.ts <sdk> <bare|governed> <count>`, under --expose-gc.
import { openStreamFetch, textChunks, type SdkName } from '../canned.ts';
import { bareClients, caller, governed } from '../clients.ts';
import { heapBytes } from './heap.ts';

const [sdkName, side, countText] = process.argv.slice(2);
const sdk: SdkName = sdkName === 'anthropic' ? 'anthropic' : 'openai';
const count = Number(countText);
const [first] = textChunks(sdk, 0);
if (first === undefined) throw new Error('A stream has a first chunk.');

const fetch = openStreamFetch(first);
const from = caller(sdk, side === 'governed' ? governed(fetch).clients : bareClients(fetch), { usage: true });

async function open(streams: number): Promise<AsyncIterator<unknown>[]> {
  const opened: AsyncIterator<unknown>[] = [];
  for (let index = 0; index < streams; index++) {
    const stream = await from.stream();
    await stream.next();
    opened.push(stream);
  }
  return opened;
}

// What the first streams leave behind (compiled code, caches) is no stream's own.
const warm = await open(100);
const before = heapBytes();
const held = await open(count);
const after = heapBytes();
console.log((after - before) / held.length);
process.exit(warm.length === 100 ? 0 : 1);
