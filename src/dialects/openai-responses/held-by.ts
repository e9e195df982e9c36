import { items, member } from '../record.ts';

/** What names turns that the provider keeps: with it, the body is not the whole prompt. */
export function heldBy(body: unknown): string | undefined {
  for (const name of ['previous_response_id', 'conversation']) if (member(body, name) != null) return name;
  const reference = items(member(body, 'input')).findIndex(
    (item) => member(item, 'type') === 'item_reference',
  );
  return reference < 0 ? undefined : `input.${reference}`;
}
