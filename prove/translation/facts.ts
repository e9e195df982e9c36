import { canonical, hash, isNothing, record, text, type Wire } from './wire.ts';

/** Who says it; settings and answers to the question how are nobody's. */
export type Lane = 'system' | 'user' | 'assistant' | 'tool' | 'settings';

/** One thing that a body says, read from its own wire format. */
export interface Fact {
  /** Facts of different kinds are never the same. */
  readonly kind: string;
  readonly lane: Lane;
  /** Compared; long contents by their hash. */
  readonly value: string;
  /** Where it stands, in the words in which losses are told: `messages.2.content.0`, `tools.1.strict`. */
  readonly path: string;
  /** Further paths by which a loss may name it. */
  readonly names: readonly string[];
  /** The part or message that it is a member of: what is lost with that needs no name of its own. */
  readonly of: string | undefined;
}

interface More {
  readonly names?: readonly string[];
  readonly of?: string | undefined;
}

/** Facts in the order in which a body says them. */
export class Facts {
  readonly all: Fact[] = [];

  add(kind: string, lane: Lane, value: string, path: string, { names = [], of }: More = {}): void {
    this.all.push({ kind, lane, value, path, names, of });
  }

  /** A setting, where there is one that says something. */
  setting(kind: string, value: unknown, path = kind, more: More = {}): void {
    if (!isNothing(value)) this.add(kind, 'settings', canonical(value), path, more);
  }

  /** Whatever an object has beyond what is read of it otherwise, each under its own name. */
  members(
    of: unknown,
    lane: Lane,
    path: string,
    read: readonly string[],
    { names = [], of: whole }: More = {},
  ): void {
    for (const [key, value] of Object.entries(record(of))) {
      if (read.includes(key) || value === undefined || value === null || canonical(value) === '[]') continue;
      const at = path === '' ? key : `${path}.${key}`;
      this.add(`member ${key}`, lane, canonical(value), at, {
        names,
        of: whole ?? (path === '' ? undefined : path),
      });
    }
  }
}

/** Where an image or a file is: by address, by what it consists of, or by the id it has with its provider. */
export type Source =
  | { readonly url: string }
  | { readonly data: string; readonly mediaType: string }
  | { readonly text: string }
  | { readonly id: string };

/** One fact for one image or file; texts count by what they say, however they are packed. */
export function addMedia(facts: Facts, lane: Lane, source: Source, path: string): void {
  const more = { names: [`${path}.source`] };
  if ('url' in source) facts.add('media', lane, `url ${source.url}`, path, more);
  else if ('id' in source) facts.add('media', lane, `id ${source.id}`, path, more);
  else if ('text' in source) facts.add('media', lane, `text ${hash(source.text)}`, path, more);
  else if (source.mediaType.startsWith('text/')) {
    facts.add('media', lane, `text ${hash(Buffer.from(source.data, 'base64').toString())}`, path, more);
  } else {
    const type = source.mediaType === 'image/jpg' ? 'image/jpeg' : source.mediaType;
    facts.add('media', lane, `${type} ${hash(Buffer.from(source.data, 'base64'))}`, path, more);
  }
}

/** The address in a URL, or the content where it is a `data:` URL. */
export function sourceOfUrl(url: string): Source {
  const [, mediaType = '', data = ''] = /^data:([^;,]*)[^,]*;base64,(.*)$/s.exec(url) ?? [];
  return url.startsWith('data:') && data !== '' ? { mediaType, data } : { url };
}

/** Text that somebody says. Nothing said is no fact. */
export function addText(
  facts: Facts,
  lane: Lane,
  said: unknown,
  path: string,
  names: readonly string[] = [],
): void {
  const words = text(said);
  if (words !== undefined && words !== '') facts.add('text', lane, words, path, { names });
}

/** A block, part or item that the other formats do not have. */
export function addForeign(facts: Facts, lane: Lane, value: Wire, path: string): void {
  const type = text(value['type']);
  facts.add(`foreign ${type ?? ''}`, lane, canonical(value), path, {
    names: type === undefined ? [] : [`${path}.${type}`],
  });
}

/** A tool of the application's: what is said of it is bound to its name. */
export function addTool(
  facts: Facts,
  tool: {
    readonly name: unknown;
    readonly description: unknown;
    readonly schema: unknown;
    readonly strict: unknown;
  },
  index: number,
): void {
  const name = text(tool.name) ?? '';
  const path = `tools.${index}`;
  const of = { of: path };
  facts.add('tool', 'settings', name, path);
  const schema = record(tool.schema);
  const whole = isNothing(schema) ? { type: 'object', properties: {} } : { type: 'object', ...schema };
  facts.setting(`schema of ${name}`, whole, `${path}.parameters`, of);
  if (text(tool.description))
    facts.setting(`description of ${name}`, tool.description, `${path}.description`, of);
  if (tool.strict === true) facts.setting(`strictness of ${name}`, true, `${path}.strict`, of);
}

/** Which tool must or must not be called. `auto` is what no choice means. */
export function addChoice(
  facts: Facts,
  choice: string | undefined,
  isParallel: unknown,
  tools: number,
): void {
  const isForced = choice !== undefined && choice !== 'auto' && choice !== 'none';
  if (isForced || (choice === 'none' && tools > 0)) facts.setting('tool choice', choice, 'toolChoice');
  if (isParallel === false && tools > 0 && choice !== 'none')
    facts.setting('parallel calls', false, 'parallelToolCalls');
}

/** A call of a tool, with its arguments apart, which may be changed while the call stands. */
export function addCall(facts: Facts, id: string, name: unknown, args: string, path: string): void {
  facts.add('call', 'assistant', canonical([id, text(name) ?? '']), path);
  facts.add('arguments', 'assistant', canonical([id, args]), `${path}.arguments`, { of: path });
}
