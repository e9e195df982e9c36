import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SseDecoder } from '../../../src/core/sse.ts';
import type { StreamEvent } from '../../../src/core/stream-event.ts';

/** A real exchange with a provider, collected elsewhere; none of them is part of this repository. */
export interface Recording {
  readonly id: string;
  readonly provider: string;
  readonly operation: string;
  readonly stream: boolean;
  readonly request: { readonly method: string; readonly path: string; readonly body?: unknown };
  readonly response: { readonly status: number; readonly body?: unknown; readonly sse?: string };
}

const file = fileURLToPath(new URL('../../../../shared/recordings/exchanges.jsonl', import.meta.url));

export const recordings: readonly Recording[] = existsSync(file)
  ? readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Recording)
  : [];

if (recordings.length === 0) console.log('No recordings beside the repository: tests on them are skipped.');

export function eventsOf(text: string): StreamEvent[] {
  const decoder = new SseDecoder();
  const events = decoder.push(new TextEncoder().encode(text));
  const rest = decoder.end();
  return rest === undefined ? events : [...events, rest];
}

export function textOf(events: readonly StreamEvent[]): string {
  return new TextDecoder().decode(Buffer.concat(events.map((event) => event.bytes)));
}
