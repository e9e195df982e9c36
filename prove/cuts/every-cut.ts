import { isDeepStrictEqual } from 'node:util';
import { ManagedLLMError } from 'managed-llm';
import type { ProofContext, ProofRow } from '../proof.ts';
import { randomSizes } from '../recordings/cuts.ts';
import { resolves, type Checks } from '../streams/lab.ts';
import { holdsAnswer, textOf } from './said.ts';
import { shapes, wireBytes, wires, type Shape, type Wire } from './shapes.ts';
import { responseOf, ways, worldOf, type Way, type World } from './ways.ts';

/** What the caller saw of one stream. */
interface Seen {
  readonly items: readonly unknown[];
  readonly error: unknown;
}

/** How often each of the three things that may happen has happened. */
interface Tally {
  wholeFromFirst: number;
  wholeFromSecond: number;
  errorAfterContent: number;
  errorBeforeContent: number;
}

/** One way to ask, one answer, with and without a second target, cut at every byte. */
export async function everyCut(
  checks: Checks,
  { small, seed, log }: ProofContext,
): Promise<{ readonly streams: number; readonly rows: readonly ProofRow[] }> {
  let streams = 0;
  const rows: ProofRow[] = [];
  const answers = await wireAnswers();
  for (const way of ways) {
    log(way.name);
    const tally: Tally = {
      wholeFromFirst: 0,
      wholeFromSecond: 0,
      errorAfterContent: 0,
      errorBeforeContent: 0,
    };
    const before = checks.failures.length;
    let asked = 0;
    for (const shape of shapes) {
      for (const route of ['alone', 'route'] as const) {
        const scene = await sceneOf(way, shape, route, answers);
        checks.that(holdsAnswer(scene.whole.items), `${scene.name}: the whole stream holds an answer`);
        for (const how of ['ends', 'breaks'] as const) {
          const step = small ? 47 : 1;
          for (let cut = (seed + asked) % step; cut <= scene.bytes.length; cut += step) {
            await oneCut(checks, scene, how, cut, seed, tally);
            asked++;
          }
        }
      }
    }
    streams += asked;
    rows.push({
      way: way.name,
      wire: way.wire,
      streams: asked,
      ...tally,
      failed: checks.failures.length - before,
    });
  }
  return { streams, rows };
}

type Answers = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

async function wireAnswers(): Promise<Answers> {
  const answers = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const wire of wires)
    for (const shape of shapes)
      for (const which of ['first', 'second'] as const)
        answers.set(`${wire} ${shape.name} ${which}`, await wireBytes(wire, shape[which]));
  return answers;
}

/** What one series of cuts is judged by. */
interface Scene {
  readonly name: string;
  readonly way: Way;
  readonly route: 'alone' | 'route';
  readonly world: World;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** As it is seen when nothing is cut. */
  readonly whole: Seen;
  readonly elsewhere: Seen;
  readonly wholeElsewhere: Uint8Array<ArrayBuffer>;
  /** Where the first event with something of the answer is complete. */
  readonly answerAt: number;
  /** Where the data of the event that ends the stream is complete, and where the event is. */
  readonly completeAt: number;
  readonly closedAt: number;
}

async function sceneOf(way: Way, shape: Shape, route: 'alone' | 'route', answers: Answers): Promise<Scene> {
  const world = worldOf(way.wire);
  const bytes = answers.get(`${way.wire} ${shape.name} first`) ?? new Uint8Array();
  const wholeElsewhere = answers.get(`${way.wire} ${shape.name} second`) ?? new Uint8Array();
  const model = modelOf(way, route);
  world.line.first = () => responseOf([bytes], 'ends');
  const whole = await see(world, way, model);
  world.line.first = () => responseOf([wholeElsewhere], 'ends');
  const elsewhere = await see(world, way, model);
  const text = Buffer.from(bytes).toString('latin1');
  const endedAt = endOf(terminal[way.wire], text);
  const completeAt = way.isNative || way.wire !== 'messages' ? endedAt : endOf(lastWord, text);
  await world.llm.idle();
  world.receipts.length = 0;
  world.line.asked.first = 0;
  return {
    name: `${way.name}, ${shape.name}, ${route}`,
    way,
    route,
    world,
    bytes,
    whole,
    elsewhere,
    wholeElsewhere,
    answerAt: firstAnswerEnd(way.answer ?? answer[way.wire], text),
    completeAt,
    closedAt: endedAt + blankLine,
  };
}

/** Asked for by itself, a native stream goes through as the SDK asked for it. */
function modelOf(way: Way, route: 'alone' | 'route'): string {
  return route === 'alone' && way.isNative ? 'any-model' : route;
}

/** The text with which a stream's regular end begins, and where it is complete. */
const terminal: Readonly<Record<Wire, RegExp>> = {
  chat: /data: \{[^\n]*"finish_reason":"[a-z_]+"[^\n]*\}/,
  responses: /event: response\.completed\ndata: [^\n]*\}/,
  messages: /event: message_stop\ndata: [^\n]*\}/,
};

const blankLine = '\n\n'.length;

/** After which event a translated stream lacks nothing, though the target has yet to say that it is over. */
const lastWord = /event: message_delta\ndata: [^\n]*\}/;

/** An event that carries something of the answer, in the words of its protocol. */
const answer: Readonly<Record<Wire, RegExp>> = {
  chat: /"(content|reasoning(_content)?)":"[^"]|"tool_calls":\[\{/,
  responses: /"type":"response\.[a-z_.]*delta"|"type":"function_call"/,
  messages: /"type":"content_block_delta"|"type":"tool_use"/,
};

function endOf(pattern: RegExp, text: string): number {
  const found = pattern.exec(text);
  return (found?.index ?? 0) + (found?.[0].length ?? 0);
}

function firstAnswerEnd(pattern: RegExp, text: string): number {
  let at = 0;
  for (const event of text.split(/(?<=\n\n)/)) {
    at += event.length;
    if (pattern.test(event)) return at;
  }
  return at;
}

async function see(world: World, way: Way, model: string): Promise<Seen> {
  const items: unknown[] = [];
  try {
    // Helpers write on in what they have given.
    for await (const item of await way.ask(world, model)) items.push(structuredClone(item));
    return { items, error: undefined };
  } catch (error) {
    return { items, error };
  }
}

async function oneCut(
  checks: Checks,
  scene: Scene,
  how: 'ends' | 'breaks',
  cut: number,
  seed: number,
  tally: Tally,
): Promise<void> {
  const { world, way, route, bytes, whole, elsewhere } = scene;
  world.line.first = () => responseOf(inPieces(bytes.slice(0, cut), cut, seed), how);
  world.line.second = () => responseOf([scene.wholeElsewhere], 'ends');
  const seen = await see(world, way, modelOf(way, route));
  const where = `${scene.name}, ${how} after ${cut} of ${bytes.length} bytes`;
  checks.that(await resolves(world.llm.idle()), `${where}: it settles`);
  const receipts = world.receipts.splice(0);
  const asked = { ...world.line.asked };
  world.line.asked.first = 0;
  world.line.asked.second = 0;
  const [receipt] = receipts;
  const outcomes = receipt?.attempts.map(({ outcome }) => outcome).join(' ');
  checks.that(receipts.length === 1 && asked.first === 1, `${where}: one call, the first target asked once`);
  checks.that(world.faults.length === 0, `${where}: no fault`, () => world.faults.splice(0)[0]);

  const isComplete = cut >= scene.completeAt;
  const isWhole =
    seen.error === undefined &&
    (isComplete && cut < scene.closedAt ? lacksOnlyItsEnd(seen, whole) : same(seen, whole));
  const isElsewhere = seen.error === undefined && same(seen, elsewhere);
  const mayMoveOn = route === 'route' && cut < scene.answerAt;
  // A last event without its blank line is translated all the same: then it has begun the answer.
  const mustMoveOn = mayMoveOn && (way.isNative || cut < scene.answerAt - blankLine);
  if (isElsewhere) {
    tally.wholeFromSecond++;
    checks.that(mayMoveOn, `${where}: moved on only before any answer`);
    checks.that(
      asked.second === 1 && outcomes === 'failed finished',
      `${where}: two attempts`,
      () => outcomes,
    );
    checks.that(receipt?.outcome === 'finished', `${where}: the call is finished`, () => receipt?.outcome);
    return;
  }
  checks.that(!mustMoveOn, `${where}: what is cut before any answer is answered elsewhere`, () => seen.error);
  checks.that(asked.second === 0, `${where}: the second target is not asked`);
  if (isWhole) {
    tally.wholeFromFirst++;
    checks.that(isComplete, `${where}: a clean end only of what is complete`);
    checks.that(
      outcomes === 'finished' && receipt?.outcome === 'finished',
      `${where}: finished`,
      () => outcomes,
    );
    return;
  }
  const { error, items } = seen;
  checks.that(error !== undefined, `${where}: never a clean end with less`, () =>
    JSON.stringify(items.at(-1)),
  );
  if (holdsAnswer(items)) tally.errorAfterContent++;
  else tally.errorBeforeContent++;
  // Behind the event that ends it there is nothing left to lose, whatever the line does.
  checks.that(cut < scene.closedAt || how === 'breaks', `${where}: no error after the end`, () => error);
  checks.that(
    begins(items, whole.items),
    `${where}: what came is the beginning of the first target's answer`,
  );
  if (way.isNative)
    checks.that(
      items.length >= itemsIn(scene, cut),
      `${where}: every event that came whole is handed on`,
      () => items.length,
    );
  if (isComplete) return;
  const managed = ManagedLLMError.from(error);
  checks.that(managed?.details['text'] === textOf(items), `${where}: the error tells the text so far`, () =>
    JSON.stringify([managed?.code, managed?.details['text'], textOf(items)]),
  );
  checks.that(
    outcomes === 'failed' && receipt?.outcome === 'failed',
    `${where}: failed, as it says`,
    () => `${outcomes}; ${receipt?.outcome}`,
  );
}

/** Whole, event by event as servers send, or torn anywhere: by turns. */
function inPieces(bytes: Uint8Array, cut: number, seed: number): readonly Uint8Array[] {
  if (cut % 3 === 0) return bytes.length === 0 ? [] : [bytes];
  const size = randomSizes(seed + cut);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const next =
      cut % 3 === 1 ? bytes.indexOf(10, bytes.indexOf(10, at) + 1) + 1 || bytes.length : at + size();
    pieces.push(bytes.subarray(at, Math.max(next, at + 1)));
    at = Math.max(next, at + 1);
  }
  return pieces;
}

function same(seen: Seen, whole: Seen): boolean {
  return seen.items.length === whole.items.length && begins(seen.items, whole.items);
}

/** An event that ends the stream and lacks its blank line is dropped by one SDK and read by the other. */
function lacksOnlyItsEnd(seen: Seen, whole: Seen): boolean {
  return seen.items.length >= whole.items.length - 1 && begins(seen.items, whole.items);
}

/** Apart from ids and times, which every answer has of its own, and from what it cost, which may come behind its end. */
function begins(items: readonly unknown[], whole: readonly unknown[]): boolean {
  return items.every((item, index) => isDeepStrictEqual(plain(item), plain(whole[index])));
}

const own = new Set(['id', 'created', 'created_at', 'completed_at', 'item_id', 'call_id', 'usage', 'extras']);

function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value ?? null, (key, inner: unknown) => (own.has(key) ? undefined : inner)),
  );
}

/** How many items the whole events before the cut make, at least. */
function itemsIn({ bytes, whole, way }: Scene, cut: number): number {
  const text = Buffer.from(bytes.slice(0, cut)).toString('latin1');
  const events = text.split('\n\n').slice(0, -1);
  const given = events.filter(
    (event) => /^(event: [^\n]*\n)?data: \{/.test(event) && !hidden[way.wire].test(event),
  );
  return Math.min(given.length, whole.items.length);
}

/** Events that an SDK, or we, keep from the caller. */
const hidden: Readonly<Record<Wire, RegExp>> = {
  chat: /"choices":\[\]/,
  responses: /^$/,
  messages: /^event: ping/,
};
