import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { html, type Html } from './html.ts';

/** What a state has, or why it could not be read: what else is told stands without it. */
export async function orUnread<T extends object>(
  read: Promise<T>,
  nothing: T,
): Promise<T & { readonly unread?: string }> {
  try {
    return await read;
  } catch (thrown) {
    return { ...nothing, unread: reasonOf(thrown) };
  }
}

/** Messages of others may tell what nobody is to read. */
function reasonOf(thrown: unknown): string {
  if (ManagedLLMError.isInstance(thrown)) return thrown.message;
  return thrown instanceof Error ? thrown.name : 'something that is no error was thrown';
}

/** Says so, where it was not read. */
export function unreadNote(what: string, { unread }: { readonly unread?: string }): Html | undefined {
  return unread === undefined
    ? undefined
    : html`<p><b>${what} could not be read from the state:</b> ${unread}</p>`;
}
