import Anthropic from '@anthropic-ai/sdk';
import { ManagedLLM } from 'managed-llm';
import OpenAI from 'openai';
import { simpleRequest } from './replies.ts';
import { directions, type Direction } from './relay.ts';

const chunks = 400;
const words = Array.from({ length: chunks }, (_, at) => `word ${at} `);

const chatText = [
  ...words.map((content) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })),
  { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
]
  .map(
    (chunk) =>
      `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', ...chunk })}\n\n`,
  )
  .join('')
  .concat('data: [DONE]\n\n');

const anthropicText = [
  {
    type: 'message_start',
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [],
      stop_reason: null,
      usage: { input_tokens: 3, output_tokens: 1 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  ...words.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
  { type: 'content_block_stop', index: 0 },
  {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: chunks },
  },
  { type: 'message_stop' },
]
  .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  .join('');

/** One piece for each event, each when it is asked for. */
function replying(text: string): typeof fetch {
  const pieces = text.split(/(?<=\n\n)/).map((piece) => new TextEncoder().encode(piece));
  return () => {
    let at = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const piece = pieces[at++];
          if (piece === undefined) controller.close();
          else controller.enqueue(piece);
        },
      },
      { highWaterMark: 0 },
    );
    return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
  };
}

type Read = () => Promise<void>;

/**
 * CPU of a chunk as the bare SDK of the answering provider reads it, and as the SDK that asked gets it translated, in
 * blocks that take turns.
 */
export async function costOfChunks(blocks: number): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const direction of directions.slice(0, 3)) {
    const [bare, governed] = readers(direction);
    const costs: { readonly bare: number[]; readonly governed: number[] } = { bare: [], governed: [] };
    for (let block = 0; block < blocks; block++) {
      costs.bare.push(await cpuOf(bare));
      costs.governed.push(await cpuOf(governed));
    }
    const [plain, translated] = [median(costs.bare), median(costs.governed)];
    const added = median(costs.governed.map((cost, at) => cost - (costs.bare[at] ?? 0)));
    lines.push(
      `CPU of a chunk, ${direction.name}: ${translated.toFixed(1)} µs translated, ${plain.toFixed(1)} µs in the bare SDK of the target, ` +
        `${added.toFixed(1)} µs more (median of ${blocks} pairs of blocks of ${chunks * 3} chunks; told, not judged)`,
    );
  }
  return lines;
}

function readers(direction: Direction): readonly [bare: Read, governed: Read] {
  const openai = new OpenAI({ apiKey: 'none', fetch: replying(chatText) });
  const anthropic = new Anthropic({ apiKey: 'none', fetch: replying(anthropicText) });
  const { clients } = new ManagedLLM({ providers: { openai, anthropic } });
  const messages = [{ role: 'user' as const, content: 'Hello' }];
  const read = (stream: PromiseLike<unknown>) => async (): Promise<void> => {
    for await (const _event of (await stream) as AsyncIterable<unknown>);
  };
  const bare: Read = () =>
    direction.target === 'anthropic'
      ? read(anthropic.messages.create({ model: 'm', max_tokens: 9, messages, stream: true }))()
      : read(openai.chat.completions.create({ model: 'm', messages, stream: true }))();
  const body = simpleRequest(direction, true) as never;
  const asked = {
    chat: () => clients.openai.chat.completions.create(body),
    responses: () => clients.openai.responses.create(body),
    anthropic: () => clients.anthropic.messages.create(body),
  };
  return [bare, () => read(asked[direction.caller]() as PromiseLike<unknown>)()];
}

/** Microseconds a chunk. */
async function cpuOf(read: Read): Promise<number> {
  const before = process.cpuUsage();
  for (let times = 0; times < 3; times++) await read();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (chunks * 3);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
