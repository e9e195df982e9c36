import { between, derived, pick, seeded, type Random } from '../availability/random.ts';
import { textKinds, textOf } from './texts.ts';

/** How a call speaks to its provider: the SDKs' dialects, the neutral API, or a plain `fetch`. */
export type Dialect = 'chat' | 'responses' | 'messages' | 'neutral' | 'fetch';

/** Who runs the tools: `llm.chat`, OpenAI's `runTools`, or Anthropic's `toolRunner`. */
export type Loop = 'neutral' | 'run-tools' | 'tool-runner';

/** What becomes of a call in the application. */
export type Ending =
  | { readonly how: 'finish' }
  | { readonly how: 'abort' | 'time-limit'; readonly afterMs: number }
  | { readonly how: 'break'; readonly afterEvents: number }
  | { readonly how: 'unread' };

/** What goes wrong at the provider, of the first answer of the target that is to answer. */
export type Mishap =
  | 'none'
  | 'status-429'
  | 'status-500'
  | 'connection'
  | 'cut'
  | 'ends-early'
  | 'in-band'
  | 'hang';

/** One call: the same for whoever asks and whoever answers. */
export interface Plan {
  readonly index: number;
  /** One that runs tools, and goes on with what they say; `undefined`: asks once. */
  readonly loop: Loop | undefined;
  /** How often a loop's model calls a tool. */
  readonly toolTurns: number;
  readonly dialect: Dialect;
  readonly stream: boolean;
  /** `falls`: the first target fails, and another one that is ten times as dear is asked. */
  readonly way: 'direct' | 'falls' | 'hedged';
  readonly provider: Provider;
  /** Whether that other one is another provider's. */
  readonly over: boolean;
  readonly system: string | undefined;
  readonly prompt: string;
  readonly hasTools: boolean;
  /** Most tokens of the answer, as the request says. */
  readonly limit: number | undefined;
  /** Of the limit that was sent. */
  readonly outputShare: number;
  readonly latencyMs: number;
  readonly ending: Ending;
  readonly mishap: Mishap;
}

export type Provider = 'openai' | 'anthropic';

/** `finish`: every call ends by itself. `breaks`: many do not. */
export type Course = 'finish' | 'breaks';

/** How large a race is. */
export interface Size {
  readonly calls: number;
  /** Where they can share their books. */
  readonly processes: number;
  readonly limitUsd: number;
  /** Most tokens of an answer, also where its request says nothing. */
  readonly outputLimit: number;
  /** How long reservations of a process hold that was killed; a minute unless its state says otherwise. */
  readonly leaseMs: number;
}

export const sizes = {
  full: { calls: 1_000, processes: 4, limitUsd: 5, outputLimit: 1_200, leaseMs: 60_000 },
  small: { calls: 120, processes: 2, limitUsd: 0.3, outputLimit: 500, leaseMs: 5_000 },
} as const satisfies Record<string, Size>;

export type SizeName = keyof typeof sizes;

/** The route that a call takes. */
export function routeOf({ way, provider, over }: Plan): string {
  return [way, provider, ...(way === 'falls' && over ? ['over'] : [])].join('-');
}

export function plansFor(seed: number, course: Course, { calls, outputLimit }: Size): readonly Plan[] {
  return Array.from({ length: calls }, (_, index) =>
    planOf(seeded(derived(seed, course, index)), course, index, outputLimit),
  );
}

const dialects: readonly Dialect[] = [
  'chat',
  'chat',
  'responses',
  'messages',
  'messages',
  'neutral',
  'fetch',
];
const loops: readonly Loop[] = ['neutral', 'run-tools', 'tool-runner'];

function planOf(random: Random, course: Course, index: number, outputLimit: number): Plan {
  const loop = random() < 0.08 ? pick(random, loops) : undefined;
  const dialect = loop === undefined ? pick(random, dialects) : dialectOf[loop];
  const isAnthropics = dialect === 'messages' || (dialect === 'neutral' && random() < 0.5);
  const way = drawWay(random, loop);
  const stream = random() < 0.5 && loop !== 'neutral';
  return {
    index,
    loop,
    toolTurns: loop === undefined ? 0 : pick(random, [1, 2, 3]),
    dialect,
    stream,
    way,
    provider: isAnthropics ? 'anthropic' : 'openai',
    over: random() < 0.5 && loop === undefined,
    system: random() < 0.3 ? textOf('prose', between(random, 20, 300), random) : undefined,
    prompt: `${markOf(index)} ${textOf(pick(random, textKinds), between(random, 100, 2_000), random)}`,
    hasTools: random() < 0.2,
    limit:
      dialect !== 'messages' && random() < 0.1 ? undefined : Math.round(between(random, 200, outputLimit)),
    outputShare: random() < 0.2 ? 1 : between(random, 0.3, 1),
    latencyMs: Math.round(between(random, 20, 150)),
    ...(course === 'finish' ? finishing(random, way, dialect) : breaking(random, stream, loop)),
  };
}

/** What tells in a request which call it is for. */
export function markOf(index: number): string {
  return `#${index}#`;
}

const dialectOf: Readonly<Record<Loop, Dialect>> = {
  neutral: 'neutral',
  'run-tools': 'chat',
  'tool-runner': 'messages',
};

function drawWay(random: Random, loop: Loop | undefined): Plan['way'] {
  const draw = random();
  if (draw < 1 / 3) return 'falls';
  return draw < 1 / 3 + 0.1 && loop === undefined ? 'hedged' : 'direct';
}

type Fate = Pick<Plan, 'ending' | 'mishap'>;

function finishing(random: Random, way: Plan['way'], dialect: Dialect): Fate {
  return { ending: { how: 'finish' }, mishap: faultBefore(random, way, dialect) };
}

/** A loop goes on by itself: at most it is stopped. */
function breaking(random: Random, stream: boolean, loop: Loop | undefined): Fate {
  if (loop !== undefined) return { ending: drawEnding(random, false, 'none'), mishap: 'none' };
  const mishap = drawMishap(random, stream);
  return { ending: drawEnding(random, stream, mishap), mishap };
}

/** What leaves nothing to be billed, and is asked again: by all but a plain `fetch`. */
function faultBefore(random: Random, way: Plan['way'], dialect: Dialect): Mishap {
  if (way !== 'direct' || dialect === 'fetch' || random() > 0.1) return 'none';
  return pick(random, ['status-429', 'status-500']);
}

function drawMishap(random: Random, stream: boolean): Mishap {
  if (random() < 0.7) return 'none';
  const always = ['status-429', 'status-500', 'connection', 'cut', 'hang'] as const;
  return pick(random, stream ? [...always, 'cut', 'ends-early', 'in-band'] : always);
}

function drawEnding(random: Random, stream: boolean, mishap: Mishap): Ending {
  if (mishap === 'hang') return { how: 'time-limit', afterMs: Math.round(between(random, 500, 1_500)) };
  const draw = random();
  if (draw < 0.15) return { how: 'abort', afterMs: Math.round(between(random, 0, 2_500)) };
  if (draw < 0.2) return { how: 'time-limit', afterMs: Math.round(between(random, 100, 1_000)) };
  if (!stream) return { how: 'finish' };
  if (draw < 0.35) return { how: 'break', afterEvents: Math.floor(between(random, 1, 14)) };
  return draw < 0.4 ? { how: 'unread' } : { how: 'finish' };
}
