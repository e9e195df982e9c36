import { parsed } from '../record.ts';

/** The JSON text of a tool call's arguments; what is no JSON stands there as the text itself. */
export function argumentsText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** The other way round. */
export function argumentsOf(text: string): unknown {
  const json = parsed(text);
  return json === undefined ? text : json;
}
