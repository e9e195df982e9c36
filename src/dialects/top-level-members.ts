import { asRecord, type JsonRecord, parsed } from './record.ts';

/**
 * Some top-level members of a JSON object, read from its text without parsing the rest: what usage needs is near the
 * end of a reply, behind the whole completion. Every name that occurs in the text must be found as a member of the
 * outermost object, else the text is parsed after all, so the result is always that of a parse.
 */
export function topLevelMembers(text: string, names: readonly string[]): JsonRecord | undefined {
  let from = text.length;
  const present: string[] = [];
  for (const name of names) {
    // Forwards is the fast direction for what is not there at all.
    const at = text.includes(name) ? text.lastIndexOf(`"${name}"`) : -1;
    if (at < 0) continue;
    present.push(name);
    if (at < from) from = at;
  }
  if (present.length === 0) return {};
  const found = scan(text, from, present);
  return found !== undefined && present.every((name) => Object.hasOwn(found, name))
    ? found
    : asRecord(parsed(text));
}

/** Reads members from `from`, which must be the key of a top-level member, to the end; `undefined` if it is not. */
function scan(text: string, from: number, names: readonly string[]): JsonRecord | undefined {
  if (text.charCodeAt(from - 1) === 92 /* \ */) return undefined;
  const found: Record<string, unknown> = {};
  let depth = 0;
  let atKey = true;
  let name: string | undefined;
  let valueFrom = 0;
  for (let at = from; at < text.length;) {
    switch (text.charCodeAt(at)) {
      case 34 /* " */: {
        const end = stringEnd(text, at);
        if (end < 0) return undefined;
        if (depth === 0 && atKey) {
          const key = text.slice(at + 1, end - 1);
          if (key.includes('\\')) return undefined;
          name = names.includes(key) ? key : undefined;
        }
        at = end;
        continue;
      }
      case 58 /* : */:
        if (depth === 0) {
          if (!atKey) return undefined;
          atKey = false;
          valueFrom = at + 1;
        }
        break;
      case 123 /* { */:
      case 91 /* [ */:
        depth++;
        break;
      case 125 /* } */:
      case 93 /* ] */:
        if (depth > 0) {
          depth--;
          break;
        }
        if (atKey || text.charCodeAt(at) === 93 || text.slice(at + 1).trim() !== '') return undefined;
        return name === undefined || keep(found, name, text.slice(valueFrom, at)) ? found : undefined;
      case 44 /* , */:
        if (depth > 0) break;
        if (atKey || (name !== undefined && !keep(found, name, text.slice(valueFrom, at)))) return undefined;
        atKey = true;
        name = undefined;
        break;
      default:
    }
    at++;
  }
  return undefined;
}

function keep(found: Record<string, unknown>, name: string, json: string): boolean {
  const value = parsed(json);
  if (value === undefined) return false;
  found[name] = value;
  return true;
}

/** The index behind the closing quote of the string that begins at `from`. */
function stringEnd(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === 92) escapes++;
    if (escapes % 2 === 0) return at + 1;
  }
  return -1;
}
