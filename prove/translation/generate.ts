import { seeded } from '../recordings/cuts.ts';
import { anthropicBody, chatBody, responsesBody, type Conversation, type Turn } from './generate-requests.ts';
import {
  anthropicEvents,
  anthropicMessage,
  chatChunks,
  completion,
  type Answer,
} from './generate-replies.ts';
import type { RecordedReply, Rows } from './rows.ts';
import type { Wire } from './wire.ts';

const words = [
  'Zürich',
  'snow',
  'falls',
  '👋',
  'über',
  'the',
  'lake',
  '— quietly',
  'now',
  '"so"',
  'line\nbreak',
  '日本',
];
/** A picture of one pixel, and the beginning of a PDF. */
const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const pdf = 'JVBERi0xLjQKJcOkw7zDtsOf';

/** Everything of one sample is drawn from here. */
export class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }

  /** From 0, below the limit. */
  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  of<T>(first: T, ...others: readonly T[]): T {
    return [first, ...others][this.below(others.length + 1)] ?? first;
  }

  some<T>(share: number, value: () => T): T | undefined {
    return this.chance(share) ? value() : undefined;
  }

  sentence(): string {
    return Array.from({ length: 1 + this.below(9) }, () => this.of('word', ...words)).join(' ');
  }

  pieces(text: string): string[] {
    const cut: string[] = [];
    const characters = [...text];
    while (characters.length > 0) cut.push(characters.splice(0, 1 + this.below(12)).join(''));
    return cut;
  }
}

/** Requests and replies that this project makes up itself, the same for the same seed. */
export function generatedRows(seed: number, of: number): Rows {
  const dice = new Dice(seed);
  const requests = Array.from({ length: of }, (_, at) => {
    const conversation = converse(dice, at);
    return [
      { id: `made-chat-${at}`, format: 'chat' as const, body: chatBody(conversation) },
      { id: `made-responses-${at}`, format: 'responses' as const, body: responsesBody(conversation) },
      { id: `made-anthropic-${at}`, format: 'anthropic' as const, body: anthropicBody(conversation) },
    ];
  });
  const replies = Array.from({ length: of }, (_, at) => writtenReplies(dice, answer(dice, at), at));
  return { areRecorded: false, requests: requests.flat(), replies: replies.flat() };
}

function converse(dice: Dice, at: number): Conversation {
  const turns: Turn[] = [];
  const tools = dice.chance(0.6) ? ['look', 'find'].slice(0, 1 + dice.below(2)) : [];
  for (let round = 0; round <= dice.below(4); round++) {
    turns.push({
      role: 'user',
      texts: Array.from({ length: 1 + dice.below(2) }, () => dice.sentence()),
      image: dice.some(0.2, () =>
        dice.of<Wire>({ url: 'https://example.com/a.png' }, { mediaType: 'image/png', data: pixel }),
      ),
      file: dice.some(0.15, () => ({ name: 'paper.pdf', data: pdf })),
    });
    if (tools.length > 0 && dice.chance(0.6)) {
      const calls = tools.map((name, index) => ({
        id: `call_${at}_${round}_${index}`,
        name,
        args: { at: dice.sentence(), deep: [dice.below(9), null, { x: true }] },
        result: dice.sentence(),
      }));
      turns.push({ role: 'assistant', text: dice.some(0.5, () => dice.sentence()), calls });
    }
    if (dice.chance(0.5)) turns.push({ role: 'assistant', text: dice.sentence(), calls: [] });
  }
  if (turns.at(-1)?.role === 'assistant')
    turns.push({ role: 'user', texts: [dice.sentence()], image: undefined, file: undefined });
  return {
    system: dice.some(0.6, () => dice.sentence()),
    turns,
    tools,
    choice: tools.length > 0 ? dice.some(0.4, () => dice.of('none', 'required', 'look')) : undefined,
    maxTokens: 64 + dice.below(4_000),
    temperature: dice.some(0.3, () => dice.below(10) / 10),
    stop: dice.some(0.2, () => ['END', 'STOP']),
    effort: dice.some(0.3, () => dice.of('low', 'medium', 'high')),
    hasSchema: dice.chance(0.2),
    isSerial: dice.chance(0.2),
    own: dice.chance(0.4),
  };
}

function answer(dice: Dice, at: number): Answer {
  const calls = Array.from({ length: dice.below(3) }, (_, index) => ({
    id: `call_${at}_${index}`,
    name: 'look',
    args: dice.of<Wire>({}, { at: dice.sentence() }, { deep: [1, null, { x: dice.sentence() }] }),
  }));
  const cached = dice.below(2) * 7;
  return {
    id: `${at}`,
    reasoning: dice.some(0.3, () => dice.sentence()),
    text: calls.length > 0 ? dice.some(0.5, () => dice.sentence()) : dice.sentence(),
    calls,
    isCut: dice.chance(0.15),
    usage: {
      input: 20 + cached + dice.below(90),
      cached,
      output: 9 + dice.below(90),
      reasoning: dice.below(9),
    },
    own: dice.chance(0.3),
  };
}

function writtenReplies(dice: Dice, answered: Answer, at: number): readonly RecordedReply[] {
  const cut = (text: string): readonly string[] => dice.pieces(text);
  const sse = (events: readonly Wire[], isNamed: boolean): string =>
    events
      .map(
        (event) => `${isNamed ? `event: ${String(event['type'])}\n` : ''}data: ${JSON.stringify(event)}\n\n`,
      )
      .join('');
  return [
    { id: `made-chat-${at}`, format: 'chat', stream: false, text: JSON.stringify(completion(answered)) },
    {
      id: `made-chat-stream-${at}`,
      format: 'chat',
      stream: true,
      text: `${sse(chatChunks(answered, cut), false)}data: [DONE]\n\n`,
    },
    {
      id: `made-anthropic-${at}`,
      format: 'anthropic',
      stream: false,
      text: JSON.stringify(anthropicMessage(answered)),
    },
    {
      id: `made-anthropic-stream-${at}`,
      format: 'anthropic',
      stream: true,
      text: sse(anthropicEvents(answered, cut), true),
    },
  ];
}
