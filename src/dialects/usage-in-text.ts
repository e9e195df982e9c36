import { asRecord, type JsonRecord, parsed } from './record.ts';

/** Shorter texts are parsed as fast as they are searched. */
const worthSearching = 2_000;

/**
 * The top-level `usage` of a reply and some members beside it, read from its text. They stand near the ends, with the
 * whole completion between, so only the ends are parsed. Such a piece, with the missing brace, is JSON exactly if it
 * was cut at a member of the outermost object; else all of the text is parsed after all, so the result is always that
 * of a full parse. `undefined` when no usage is named anywhere.
 */
export function membersWithUsage(text: string, ...besides: readonly string[]): JsonRecord | undefined {
  const usageAt = text.lastIndexOf('"usage"');
  if (usageAt < 0) return undefined;
  const middle = text.length / 2;
  const names = ['usage'];
  let from = usageAt;
  let head: JsonRecord | undefined;
  let searched = text.length > worthSearching && usageAt > middle;
  for (const name of besides) {
    if (!searched) break;
    const [place, another] = placesOf(text, name);
    if (place === undefined) continue;
    names.push(name);
    if (another !== undefined) searched = false;
    else if (place > middle) from = Math.min(from, place);
    else head = { ...head, ...membersTo(text, place, name) };
  }
  const tail = searched ? membersFrom(text, from) : undefined;
  const found = head === undefined ? tail : { ...head, ...tail };
  const complete =
    tail !== undefined && found !== undefined && names.every((name) => Object.hasOwn(found, name));
  return complete ? found : asRecord(parsed(text));
}

function membersFrom(text: string, at: number): JsonRecord | undefined {
  // Behind a backslash the quote is part of a longer name.
  return text.charCodeAt(at - 1) === 92 ? undefined : asRecord(parsed(`{${text.slice(at)}`));
}

function membersTo(text: string, at: number, name: string): JsonRecord | undefined {
  const value = /\s*:\s*(?:"[^"\\]*"|null)/y;
  value.lastIndex = at + name.length + 2;
  return value.test(text) ? asRecord(parsed(`${text.slice(0, value.lastIndex)}}`)) : undefined;
}

/** The first two places where a name is quoted. Searches for its end: an underscore is far rarer than a quote. */
function placesOf(text: string, name: string): number[] {
  const end = `${name.slice(name.lastIndexOf('_'))}"`;
  const quoted = `"${name}"`;
  const places: number[] = [];
  for (let at = text.indexOf(end); at >= 0 && places.length < 2; at = text.indexOf(end, at + 1)) {
    const place = at + end.length - quoted.length;
    if (text.startsWith(quoted, place)) places.push(place);
  }
  return places;
}
