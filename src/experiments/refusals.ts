import type { Dialect } from '../core/dialect.ts';
import type { Reply } from '../core/reply.ts';

/** What providers say where the model, or a filter, has refused. OpenAI and Anthropic API references, November 2026. */
const refusing: ReadonlySet<string | undefined> = new Set(['refusal', 'content_filter']);

/** Whether an answer ended by a refusal, as far as its end tells. */
export function endedRefusing(stopReason: string | undefined): boolean {
  return refusing.has(stopReason);
}

/** Tells, once at most, if an answer says itself that it refuses: OpenAI's do so in their text. */
export async function watchForRefusal(dialect: Dialect, reply: Reply, tell: () => void): Promise<void> {
  const { error, events } = reply;
  if (error !== undefined) return;
  if (events === undefined) {
    if (dialect.reply.ending(await reply.json()) === 'refused') tell();
    return;
  }
  let told = false;
  events.observe((event) => {
    if (told || event.data?.includes('refusal') !== true) return;
    told = dialect.stream.text(event).some(({ slot, text }) => slot.kind === 'refusal' && text !== '');
    if (told) tell();
  });
}
