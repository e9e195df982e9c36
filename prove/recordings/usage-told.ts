import type { Exchange } from './exchanges.ts';

/** Tokens that a recorded reply tells, found without the package's own lenses. */
export interface ToldUsage {
  readonly input: number;
  readonly output: number | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/** The usage a reply states, in the body or anywhere in its events; `undefined` where it states none. */
export function usageTold({ operation, response }: Exchange): ToldUsage | undefined {
  if (response.status >= 400) return undefined;
  const bodies = response.sse === undefined ? [response.body] : eventsOf(response.sse);
  const merged: Record<string, unknown> = {};
  for (const body of bodies) {
    const found =
      record(record(body)?.['usage']) ??
      record(record(record(body)?.['message'])?.['usage']) ??
      record(record(record(body)?.['response'])?.['usage']);
    for (const [key, value] of Object.entries(found ?? {})) if (value !== null) merged[key] = value;
  }
  const input = number(merged['prompt_tokens']) ?? number(merged['input_tokens']);
  if (input === undefined) return undefined;
  const cached =
    operation === 'anthropic.messages'
      ? (number(merged['cache_read_input_tokens']) ?? 0) +
        (number(merged['cache_creation_input_tokens']) ?? 0)
      : 0;
  return {
    input: input + cached,
    output: number(merged['completion_tokens']) ?? number(merged['output_tokens']),
  };
}

export function eventsOf(sse: string): unknown[] {
  return sse.split(/\r?\n/).flatMap((line) => {
    if (!line.startsWith('data:')) return [];
    try {
      return [JSON.parse(line.slice(5)) as unknown];
    } catch {
      return [];
    }
  });
}

function record(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null ? (value as Json) : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
