import { invalidOption, nearestOf } from '../core/parse-options.ts';

/** A piece of a template: text as it is written, or what is put in. */
export type Segment = string | { readonly kind: 'text' | 'image'; readonly name: string };

type Tag = { readonly kind: 'text' | 'image' | 'partial'; readonly name: string };

const open = '{{';
const close = '}}';

/** What the templates of a prompt may come to, with what they take in: more is a mistake, or an attack. */
const limits = { characters: 4_000_000, tags: 20_000, partialsDeep: 32 };

/** Reads the templates of one prompt, with their partials in their places. Each partial is read once. */
export class TemplateReader {
  readonly #partials: Readonly<Record<string, string>>;
  readonly #root: string;
  readonly #known = new Map<string, readonly Segment[]>();
  #characters = 0;
  #tags = 0;

  /** @param root path of the prompt in a message */
  constructor(partials: Readonly<Record<string, string>>, root: string) {
    this.#partials = partials;
    this.#root = root;
  }

  /**
   * The segments of a template. Throws `invalid-options` for what is no tag, for partials that are unknown or take themselves
   * in, and for templates that grow without measure.
   *
   * @param path of the template in a message
   */
  read(template: string, path: string): readonly Segment[] {
    return this.#read(template, path, []);
  }

  /** @param taking names of the partials that the template is part of */
  #read(template: string, path: string, taking: readonly string[]): readonly Segment[] {
    const segments: Segment[] = [];
    for (const piece of piecesOf(template, path)) {
      if (typeof piece === 'string') this.#add(piece, segments);
      else if (piece.kind !== 'partial') this.#add({ kind: piece.kind, name: piece.name }, segments);
      else for (const segment of this.#partial(piece.name, path, taking)) this.#add(segment, segments);
    }
    return segments;
  }

  #partial(name: string, path: string, taking: readonly string[]): readonly Segment[] {
    const place = `${this.#root}.partials.${name}`;
    if (taking.includes(name))
      throw invalidOption(
        place,
        `takes itself in: ${[...taking.slice(taking.indexOf(name)), name].join(' > ')}`,
      );
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const partial = Object.hasOwn(this.#partials, name) ? this.#partials[name] : undefined;
    if (partial === undefined) throw invalidOption(path, unknownPartial(name, Object.keys(this.#partials)));
    if (taking.length >= limits.partialsDeep)
      throw invalidOption(place, `is taken in more than ${limits.partialsDeep} partials deep`);
    const segments = this.#read(partial, place, [...taking, name]);
    this.#known.set(name, segments);
    return segments;
  }

  /** Neighbouring texts become one, and empty ones none: however a template was put together, it is the same. */
  #add(segment: Segment, to: Segment[]): void {
    if (segment === '') return;
    if (typeof segment === 'string') this.#characters += segment.length;
    else this.#tags++;
    if (this.#characters > limits.characters || this.#tags > limits.tags)
      throw invalidOption(
        this.#root,
        `is too large with what it takes in: ${limits.characters} characters and ${limits.tags} tags are the most`,
      );
    const last = to.at(-1);
    if (typeof segment === 'string' && typeof last === 'string') to[to.length - 1] = last + segment;
    else to.push(segment);
  }
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
