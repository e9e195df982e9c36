import type { TextPiece, TextSlot } from '../core/dialect.ts';
import type { StreamEvent } from '../core/stream-event.ts';
import { replaceAt } from './record.ts';

/** Where an event carries text of a slot, or could: the text may be empty. */
export interface TextPlace {
  readonly slot: TextSlot;
  readonly path: readonly (string | number)[];
  readonly text: string;
}

/** The texts of an event, one piece a slot: what lies in several places of one slot is joined, no text is no piece. */
export function piecesAt(places: readonly TextPlace[]): readonly TextPiece[] {
  const pieces: { slot: TextSlot; text: string }[] = [];
  for (const { slot, text } of places) {
    if (text === '') continue;
    const piece = pieces.find((known) => known.slot.id === slot.id);
    if (piece === undefined) pieces.push({ slot, text });
    else piece.text += text;
  }
  return pieces;
}

/**
 * The event with another text for a slot, put in the first of its places and the others emptied. `finish` gets the
 * changed JSON and removes what would still tell the old text. The same event when nothing changes.
 */
export function withTextAt(
  event: StreamEvent,
  places: readonly TextPlace[],
  slotId: string,
  text: string,
  finish: (json: unknown) => unknown,
): StreamEvent {
  const own = places.filter(({ slot }) => slot.id === slotId);
  if (own.length === 0 || own.map((place) => place.text).join('') === text) return event;
  let json = event.json;
  for (const [index, place] of own.entries()) json = replaceAt(json, place.path, index === 0 ? text : '');
  return event.withJson(finish(json));
}
