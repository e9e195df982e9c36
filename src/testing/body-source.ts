import { wait, type Clock } from '../core/clock.ts';
import type { ScriptedReply } from './script.ts';
import { seededRandom } from './seeded-random.ts';

/** Bytes of a body that belong together, and how many pieces of the answer they carry. `cut` breaks the connection. */
export type Frame = { readonly bytes: Uint8Array<ArrayBuffer>; readonly pieces: number } | 'cut';

/** The connection broke, as scripted. What the client sees of it is up to the transport. */
export class ConnectionBroken extends Error {
  override readonly name = 'ConnectionBroken';
}

/** When and in what pieces a body is sent. */
export type Pacing = Pick<
  ScriptedReply,
  'firstEventDelayMs' | 'betweenEventsMs' | 'cutAfterBytes' | 'chunking' | 'seed'
>;

/** A body that is made as it is pulled, and no sooner. */
export class BodySource {
  readonly #frames: Iterator<Frame, void, undefined>;
  readonly #pacing: Pacing;
  readonly #clock: Clock;
  readonly #onFrame: (frame: { readonly pieces: number }) => void;
  readonly #untilMs: (frame: { readonly pieces: number }) => number;
  readonly #pieceSize: (() => number) | undefined;
  #upcoming: IteratorResult<Frame, void>;
  #buffer = new Uint8Array(0);
  #isFirst = true;
  #isCut = false;
  #sent = 0;

  /** @param untilMs how long until a frame can be there, besides what the pacing says */
  constructor(
    frames: Iterator<Frame, void, undefined>,
    pacing: Pacing,
    clock: Clock,
    onFrame: (frame: { readonly pieces: number }) => void,
    untilMs: (frame: { readonly pieces: number }) => number = () => 0,
  ) {
    this.#frames = frames;
    this.#pacing = pacing;
    this.#clock = clock;
    this.#onFrame = onFrame;
    this.#untilMs = untilMs;
    this.#pieceSize = pieceSizes(pacing);
    this.#upcoming = frames.next();
  }

  /** Whether everything has been handed out. */
  get exhausted(): boolean {
    return this.#upcoming.done === true && this.#buffer.length === 0;
  }

  /** The next bytes, `undefined` at the end. Throws {@link ConnectionBroken} where the script cuts, the signal's reason on abort. */
  async pull(signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { cutAfterBytes = Infinity } = this.#pacing;
    const size = Math.min(this.#pieceSize?.() ?? 1, cutAfterBytes - this.#sent);
    if (size <= 0) throw new ConnectionBroken();
    while (this.#buffer.length < size && !this.#isCut && this.#upcoming.done !== true)
      await this.#fill(signal);
    if (this.#buffer.length === 0) {
      if (this.#isCut) throw new ConnectionBroken();
      return undefined;
    }
    const wanted = this.#pieceSize === undefined ? this.#buffer.length : size;
    const length = Math.min(wanted, cutAfterBytes - this.#sent, this.#buffer.length);
    const bytes = this.#buffer.slice(0, length);
    this.#buffer = this.#buffer.slice(length);
    this.#sent += length;
    return bytes;
  }

  async #fill(signal: AbortSignal): Promise<void> {
    const { firstEventDelayMs = 0, betweenEventsMs = 0 } = this.#pacing;
    const frame = this.#upcoming.value;
    const pauseMs = this.#isFirst ? firstEventDelayMs : betweenEventsMs;
    const untilMs = frame === undefined || frame === 'cut' ? 0 : this.#untilMs(frame);
    this.#isFirst = false;
    const delayMs = Math.max(pauseMs, untilMs);
    if (delayMs > 0) await wait(this.#clock, delayMs, signal);
    if (frame === undefined) return;
    if (frame === 'cut') {
      this.#isCut = true;
      return;
    }
    this.#onFrame(frame);
    this.#upcoming = this.#frames.next();
    this.#buffer = this.#buffer.length === 0 ? frame.bytes : concat(this.#buffer, frame.bytes);
  }
}

/** Sizes of the pieces that ignore frame boundaries; `undefined` when each frame is a piece. */
function pieceSizes({ chunking = 'event', seed = 1 }: Pacing): (() => number) | undefined {
  if (chunking === 'event') return undefined;
  if (chunking !== 'random') return () => chunking;
  const random = seededRandom(seed);
  // Mostly a few bytes, sometimes several events at once.
  return () => 1 + Math.floor(random() ** 3 * 600);
}

function concat(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(left.length + right.length);
  joined.set(left);
  joined.set(right, left.length);
  return joined;
}
