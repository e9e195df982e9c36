import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { freshHost, type Row } from './row.ts';

/** What a request of a kind is made of. */
interface Made {
  readonly content: unknown;
  readonly tools?: readonly object[];
  /** Of what is no text, by the provider's published formula. */
  readonly besides?: number;
}

type Random = () => number;

const prose =
  'the survey of the coast began early and by noon the first measurements had been sent to the office where nobody expected the tide to turn so soon because the charts of the harbour were old and the wind came from the north all day';
const han =
  '海岸での最初の測定は早朝に始まり誰も潮が変わるとは思っていなかった港の図面は古く風は一日中北から吹いていた';
const hangul =
  '해안에서의 첫 측정은 이른 아침에 시작되었고 아무도 밀물을 예상하지 못했다 항구의 도면은 오래되었다';
const lines = [
  'for (const value of values) total += value;',
  'if (error instanceof RangeError) return undefined;',
  'export function sum(values: readonly number[]): number {',
  '  const { width, height } = image.size();',
  '}',
  '',
];

/** Requests of the project's own making, each kind to a target of its own, whose tokens are counted by `gpt-tokenizer`. */
const kinds: Readonly<Record<string, (random: Random) => Made>> = {
  prose: (random) => ({ content: some(prose.split(' '), 20 + 600 * random(), random).join(' ') }),
  'Chinese, Japanese, Korean': (random) => ({
    content: some([...han, ...hangul], 20 + 600 * random(), random).join(''),
  }),
  'pseudo-words': (random) => ({ content: times(20 + 300 * random(), () => pseudoWord(random)).join(' ') }),
  'base64 in a text': (random) => ({ content: bytes(60 + 2_000 * random(), random).toString('base64') }),
  emoji: (random) => ({
    content: times(10 + 200 * random(), () =>
      String.fromCodePoint(0x1f300 + Math.floor(0x2ff * random())),
    ).join(''),
  }),
  code: (random) => ({ content: some(lines, 5 + 100 * random(), random).join('\n') }),
  tools: (random) => ({
    content: some(prose.split(' '), 10 + 50 * random(), random).join(' '),
    tools: times(1 + 6 * random(), () => aTool(random)),
  }),
  pictures: (random) => {
    const many = 1 + Math.floor(3 * random());
    const sides = times(many, () => 1 + Math.floor(2_000 * random()));
    return {
      content: [
        { type: 'text', text: some(prose.split(' '), 10 + 50 * random(), random).join(' ') },
        ...sides.map((side) => ({
          type: 'image_url',
          image_url: { url: `data:image/png;base64,${png(side, side)}` },
        })),
      ],
      besides: sides.reduce((sum, side) => sum + squareTokens(side), 0),
    };
  },
};

export function generatedRows(perKind: number, random: Random): readonly Row[] {
  const dialect = freshHost().dialects['openai-chat'];
  return Object.entries(kinds).flatMap(([kind, make]) =>
    Array.from({ length: perKind }, (_, index): Row => {
      const { content, tools, besides = 0 } = make(random);
      const body = {
        messages: [
          { role: 'system', content: 'Answer briefly.' },
          { role: 'user', content },
        ],
        ...(tools === undefined ? {} : { tools }),
      };
      const text = typeof content === 'string' ? content : textIn(content);
      const inputTokens =
        3 +
        2 * 4 +
        count('Answer briefly.') +
        count(text) +
        besides +
        (tools === undefined ? 0 : count(JSON.stringify(tools)) + 20);
      const outputTokens = Math.ceil(Math.exp(4 + 1.2 * normal(random)));
      return {
        id: `${kind} ${index}`,
        kind,
        target: { provider: kind, model: 'gpt-4o' },
        measure: dialect.request.measure(body),
        usage: { inputTokens, outputTokens, provenance: 'reported' },
        contextTokens: undefined,
      };
    }),
  );
}

function count(text: string): number {
  return countTokens(text, { disallowedSpecial: new Set() });
}

function textIn(content: unknown): string {
  return (content as readonly { readonly text?: string }[]).map(({ text = '' }) => text).join('');
}

/** OpenAI guide "Images and vision", November 2026, for a square and `gpt-4o`: tiles of 512 pixels of at most 768. */
function squareTokens(side: number): number {
  return 85 + 170 * Math.ceil(Math.min(side, 768) / 512) ** 2;
}

/** The head of a picture: as much as tells its size. */
function png(width: number, height: number): string {
  const head = Buffer.alloc(33);
  head.write('\x89PNG\r\n\x1a\n', 0, 'latin1');
  head.write('IHDR', 12, 'latin1');
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return head.toString('base64');
}

function aTool(random: Random): object {
  const properties = Object.fromEntries(
    times(1 + 5 * random(), () => [
      pseudoWord(random),
      {
        type: random() < 0.5 ? 'string' : 'number',
        description: some(prose.split(' '), 8, random).join(' '),
      },
    ]),
  );
  const description = some(prose.split(' '), 5 + 20 * random(), random).join(' ');
  return {
    type: 'function',
    function: { name: pseudoWord(random), description, parameters: { type: 'object', properties } },
  };
}

function pseudoWord(random: Random): string {
  return times(2 + 4 * random(), () => `${pick('bcdfghjklmnprstvwz', random)}${pick('aeiou', random)}`).join(
    '',
  );
}

function pick(from: string, random: Random): string {
  return from.charAt(Math.floor(random() * from.length));
}

function some(from: readonly string[], many: number, random: Random): readonly string[] {
  return times(many, () => from[Math.floor(random() * from.length)] ?? '');
}

function times<T>(many: number, make: () => T): readonly T[] {
  return Array.from({ length: Math.ceil(many) }, make);
}

function bytes(many: number, random: Random): Buffer {
  return Buffer.from(times(many, () => Math.floor(256 * random())));
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
