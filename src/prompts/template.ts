import { invalidOption, nearestOf } from '../core/parse-options.ts';

/** A piece of a template: text as it is written, or what is put in. */
export type Segment = string | { readonly kind: 'text' | 'image'; readonly name: string };

type Tag = { readonly kind: 'text' | 'image' | 'partial'; readonly name: string };

const open = '{{';
const close = '}}';

/**
 * Reads a template, with its partials in their places. Throws `invalid-options` for what is no tag, and for partials
 * that are unknown or take themselves in.
 *
 * @param path of the template in a message
 * @param taking names of the partials that it is part of
 */
export function readTemplate(
  template: string,
  partials: Readonly<Record<string, string>>,
  path: string,
  root: string,
  taking: readonly string[] = [],
): readonly Segment[] {
  const segments: Segment[] = [];
  for (const piece of piecesOf(template, path)) {
    if (typeof piece === 'string') segments.push(piece);
    else if (piece.kind !== 'partial') segments.push({ kind: piece.kind, name: piece.name });
    else {
      const { name } = piece;
      const partial = Object.hasOwn(partials, name) ? partials[name] : undefined;
      if (partial === undefined) throw invalidOption(path, unknownPartial(name, Object.keys(partials)));
      if (taking.includes(name))
        throw invalidOption(
          `${root}.partials.${name}`,
          `takes itself in: ${[...taking.slice(taking.indexOf(name)), name].join(' > ')}`,
        );
      segments.push(...readTemplate(partial, partials, `${root}.partials.${name}`, root, [...taking, name]));
    }
  }
  return joined(segments);
}

/** Texts and tags in order. */
function piecesOf(template: string, path: string): readonly (string | Tag)[] {
  const pieces: (string | Tag)[] = [];
  let at = 0;
  for (;;) {
    const start = template.indexOf(open, at);
    pieces.push(template.slice(at, start < 0 ? undefined : start));
    if (start < 0) return pieces;
    const inside = start + open.length;
    if (template.startsWith(open, inside)) {
      pieces.push(open);
      at = inside + open.length;
      continue;
    }
    const end = template.indexOf(close, inside);
    if (end < 0)
      throw invalidOption(
        path,
        `opens a tag at character ${start} that nothing closes. Two braces as such are written \`{{{{\``,
      );
    pieces.push(tagOf(template.slice(inside, end).trim(), path));
    at = end + close.length;
  }
}

function tagOf(inside: string, path: string): Tag {
  const match = /^(>|image:)?\s*([A-Za-z_]\w*)$/.exec(inside);
  const name = match?.[2];
  if (name === undefined)
    throw invalidOption(
      path,
      `has a tag \`{{${inside.slice(0, 40)}}}\` that is none: it is \`{{name}}\`, \`{{image:name}}\` or \`{{> partial}}\`. Two braces as such are written \`{{{{\``,
    );
  return { kind: match?.[1] === '>' ? 'partial' : match?.[1] === undefined ? 'text' : 'image', name };
}

function unknownPartial(name: string, known: readonly string[]): string {
  const nearest = nearestOf(name, known);
  if (nearest !== undefined) return `takes in a partial \`${name}\`. Did you mean \`${nearest}\`?`;
  return `takes in a partial \`${name}\`, which is not in \`partials\`${known.length === 0 ? '' : `: ${known.join(', ')}`}`;
}

/** Neighbouring texts as one, and no empty ones: however a template was put together, it is the same. */
function joined(segments: readonly Segment[]): readonly Segment[] {
  const whole: Segment[] = [];
  for (const segment of segments) {
    const last = whole.at(-1);
    if (segment === '') continue;
    if (typeof segment === 'string' && typeof last === 'string') whole[whole.length - 1] = last + segment;
    else whole.push(segment);
  }
  return whole;
}
