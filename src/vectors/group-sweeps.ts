import type { Clock } from '../core/clock.ts';

const everyMs = 60_000;
/** A megabyte or two. */
const rememberedAtMost = 10_000;

/**
 * When what is over is deleted from a group: by whoever puts something into it, the first time and then once a minute. Each
 * group has its own time, so that none waits for others. One that is not remembered is swept as if it were new.
 */
export class GroupSweeps {
  readonly #clock: Clock;
  /** Of what was put into last, the last ones. */
  readonly #dueAt = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * In the background, where it is time: nobody waits for it, and what fails is tried again the next time.
   *
   * @param sweep resolves to whether there may be more, which the next one who puts is to delete
   */
  sweepWhenDue(group: string, sweep: () => Promise<boolean>): void {
    const now = this.#clock.now();
    const dueAt = this.#dueAt.get(group) ?? now;
    const isDue = now >= dueAt;
    this.#remember(group, isDue ? now + everyMs : dueAt);
    if (!isDue) return;
    sweep().then(
      (more) => {
        if (more) this.#dueAt.delete(group);
      },
      () => {},
    );
  }

  #remember(group: string, dueAt: number): void {
    this.#dueAt.delete(group);
    this.#dueAt.set(group, dueAt);
    if (this.#dueAt.size <= rememberedAtMost) return;
    const [oldest = ''] = this.#dueAt.keys();
    this.#dueAt.delete(oldest);
  }
}
