import type { FileMeasure, ImageMeasure, RequestMeasure, ServerTool } from '../core/estimates.ts';
import { guessedTokens, mostTokens } from '../core/text-tokens.ts';
import { imageInFile, measuredFile, measuredImage } from './media-measure.ts';
import { asRecord, asText, depthLimit, items, type JsonRecord, member } from './record.ts';

/** Parts that are pictures: priced by their size, not by their characters. */
const imageTypes = new Set([
  'image',
  'image_url',
  'input_image',
  'computer_screenshot',
  'image_generation_call',
]);

/** Parts that are files, and what is in them. */
const fileTypes = new Map<string, FileMeasure['kind']>([
  ['file', 'document'],
  ['input_file', 'document'],
  ['document', 'document'],
  ['document_url', 'document'],
  ['audio', 'audio'],
  ['input_audio', 'audio'],
]);

/** Parts whose content the request does not show, nor what kind of thing it is. */
const heldTypes = new Set(['video', 'video_url', 'input_video', 'container_upload', 'item_reference']);

/** Parts that are told by their place in a turn alone. Whatever else has a type is framed like a turn of its own. */
const plainTypes = new Set([
  'message',
  'text',
  'input_text',
  'output_text',
  'summary_text',
  'reasoning_text',
  'refusal',
]);

/** Members that say how a text is to be taken: no provider makes more than a token or two of them. */
const labels = new Set([
  'type',
  'role',
  'dialect',
  'status',
  'phase',
  'index',
  'cache_control',
  'prompt_cache_breakpoint',
  'detail',
]);

/** Members that are handed back so that the provider knows its own again: it may read them, but as no text. */
const marks = new Set([
  'id',
  'call_id',
  'tool_call_id',
  'tool_use_id',
  'toolCallId',
  'item_id',
  'file_id',
  'signature',
  'encrypted_content',
  'encrypted_index',
  'encrypted_stdout',
  'annotations',
  'citations',
  'logprobs',
]);

/** Members that hold JSON, where they are objects: the input of a tool, or the definition of one. */
const jsonMembers = new Set([
  'input',
  'arguments',
  'parameters',
  'input_schema',
  'schema',
  'tool',
  'tools',
  'definition',
]);

/** A member of JSON can be written with this many more characters than its compact form has. */
const memberFrame = 8;

/** How a request says what is not counted. */
export interface Asked {
  readonly maxOutputTokens?: number | undefined;
  readonly leastOutputTokens?: number | undefined;
  readonly answers?: number | undefined;
  readonly serverTools?: readonly ServerTool[];
  readonly serviceTier?: string | undefined;
  readonly background?: boolean;
}

/** What a request is made of. Its texts are gone through again where somebody asks for them. */
export function measured(tally: (collected?: string[]) => RequestTally, asked: Asked = {}): RequestMeasure {
  return tally().measure(asked, () => {
    const texts: string[] = [];
    tally(texts);
    return texts;
  });
}

/** Adds up what a request sends. */
export class RequestTally {
  characters = 0;
  bytes = 0;
  guessedTokens = 0;
  definitionTokens = 0;
  messages = 0;
  tools = 0;
  tokens = 0;
  complete = true;
  /** Whether a part asks that the answer quote it. */
  cites = false;
  readonly #images: ImageMeasure[] = [];
  readonly #files: FileMeasure[] = [];
  readonly #collected: string[] | undefined;

  /** @param collected where to put the texts themselves */
  constructor(collected?: string[]) {
    this.#collected = collected;
  }

  /** System prompts: a text, or parts of one. */
  prompt(value: unknown): this {
    if (value !== undefined && value !== null) this.messages++;
    return this.turns(value);
  }

  /** A conversation: a text, or turns. */
  conversation(value: unknown): this {
    if (!Array.isArray(value)) return this.prompt(value);
    for (const turn of items(value)) {
      const type = member(turn, 'type');
      if (typeof type !== 'string' || plainTypes.has(type)) this.messages++;
      this.turns(turn, 1);
    }
    return this;
  }

  /** Texts count; pictures and files are kept apart; what has no known length makes the request incomplete. */
  turns(value: unknown, depth = 0): this {
    if (typeof value === 'string') this.#text(value);
    else if (depth > depthLimit) this.complete = false;
    else if (Array.isArray(value)) for (const item of items(value)) this.turns(item, depth + 1);
    else {
      const record = asRecord(value);
      if (record === undefined) this.#scalar(value);
      else this.#part(record, depth);
    }
    return this;
  }

  /** Definitions of tools. */
  definitions(value: unknown): this {
    this.tools += items(value).length;
    return this.form(value);
  }

  /** The form that the answer is to have. */
  form(value: unknown): this {
    const before = this.guessedTokens;
    this.json(value);
    this.definitionTokens += this.guessedTokens - before;
    return this;
  }

  /** Schemas and tool input: about as many characters as the JSON has. */
  json(value: unknown): this {
    if (value === undefined) return this;
    this.#json(value, 0);
    if (this.#collected !== undefined) collectJson(value, this.#collected);
    return this;
  }

  /** What the provider may read, though not as a text of the conversation: it counts for the bound alone. */
  aside(value: unknown): this {
    const { characters, guessedTokens: guessed } = this;
    this.#json(value, 0);
    this.characters = characters;
    this.guessedTokens = guessed;
    return this;
  }

  /** Text that the provider adds for what the request asks of it: about so many tokens, and at most so many. */
  added(tokens: number, most: number): this {
    this.guessedTokens += tokens;
    this.bytes += most;
    return this;
  }

  /** Members that are not known here: a provider may read them. */
  others(body: unknown, known: ReadonlySet<string>): this {
    for (const [key, content] of Object.entries(asRecord(body) ?? {})) {
      if (known.has(key)) continue;
      this.bytes += key.length + memberFrame;
      this.aside(content);
    }
    return this;
  }

  /** The provider adds more than the request shows. */
  partial(when: boolean): this {
    if (when) this.complete = false;
    return this;
  }

  /** All that another part of the same request came to. */
  add(part: RequestMeasure): this {
    this.characters += part.characters;
    this.bytes += part.bytes;
    this.guessedTokens += part.guessedTokens;
    this.definitionTokens += part.definitionTokens;
    this.messages += part.messages;
    this.tools += part.tools;
    this.tokens += part.tokens;
    this.#images.push(...part.images);
    this.#files.push(...part.files);
    this.#collected?.push(...part.texts());
    return this.partial(!part.complete);
  }

  measure(asked: Asked, texts: () => readonly string[]): RequestMeasure {
    const { answers = 1, leastOutputTokens = 0, serverTools = none } = asked;
    return {
      characters: this.characters,
      bytes: this.bytes,
      guessedTokens: Math.ceil(this.guessedTokens),
      definitionTokens: Math.ceil(this.definitionTokens),
      texts,
      messages: this.messages,
      tools: this.tools,
      images: this.#images,
      files: this.#files,
      tokens: this.tokens,
      complete: this.complete,
      maxOutputTokens: asked.maxOutputTokens,
      leastOutputTokens,
      answers: Math.max(1, Math.ceil(answers)),
      serverTools,
      serviceTier: asked.serviceTier,
      background: asked.background ?? false,
    };
  }

  #text(text: string): void {
    this.characters += text.length;
    this.bytes += mostTokens(text);
    this.guessedTokens += guessedTokens(text);
    this.#collected?.push(text);
  }

  #scalar(value: unknown): void {
    if (typeof value !== 'number' && typeof value !== 'boolean') return;
    const { length } = String(value);
    this.characters += length;
    this.bytes += length;
    this.guessedTokens += length / 3;
  }

  #part(part: JsonRecord, depth: number): void {
    const type = asText(part['type']);
    if (type !== undefined && this.#isApart(type, part)) return;
    if (type !== undefined && !plainTypes.has(type)) this.messages++;
    for (const [key, content] of Object.entries(part)) {
      if (labels.has(key)) continue;
      if (key === 'citations' && member(content, 'enabled') === true) this.cites = true;
      if (marks.has(key) || (key === 'data' && type === 'redacted_thinking')) this.aside(content);
      else if (key === 'audio' && isHeldSound(content)) this.#files.push({ kind: 'audio' });
      else if (jsonMembers.has(key) && typeof content === 'object') this.json(content);
      else this.turns(content, depth + 1);
    }
  }

  /** Whether the part is no text. */
  #isApart(type: string, part: JsonRecord): boolean {
    if (imageTypes.has(type)) {
      this.#images.push(measuredImage(part));
      return true;
    }
    if (heldTypes.has(type)) {
      this.complete = false;
      return true;
    }
    const kind = fileTypes.get(type);
    if (kind === undefined || isInlineDocument(part)) return false;
    const file = measuredFile(part, kind);
    if (file === undefined) this.#images.push(imageInFile(part));
    else {
      this.#files.push(file);
      for (const name of ['title', 'context', 'name', 'filename', 'transcript'])
        this.turns(part[name] ?? member(part['file'] ?? part['audio'], name), depthLimit);
    }
    return true;
  }

  #json(value: unknown, depth: number): void {
    if (typeof value === 'string') {
      this.characters += value.length + 2;
      this.bytes += mostTokens(value) + 2;
      this.guessedTokens += guessedTokens(value) + 0.5;
    } else if (depth > depthLimit) this.complete = false;
    else if (Array.isArray(value)) {
      for (const item of items(value)) this.#json(item, depth + 1);
      this.characters += value.length + 1;
      this.bytes += value.length + 1 + memberFrame;
      this.guessedTokens += 1;
    } else {
      const record = asRecord(value);
      if (record === undefined) return this.#scalar(value);
      for (const [key, content] of Object.entries(record)) {
        this.characters += key.length + 4;
        this.bytes += mostTokens(key) + 4 + memberFrame;
        this.guessedTokens += guessedTokens(key) + 1;
        this.#json(content, depth + 1);
      }
      this.characters += 1;
      this.bytes += 1;
      this.guessedTokens += 1;
    }
  }
}

const none: readonly ServerTool[] = [];

function collectJson(value: unknown, into: string[]): void {
  try {
    into.push(JSON.stringify(value));
  } catch {
    // What is no JSON is not sent either.
  }
}

/** A reference to sound that the provider made before. */
function isHeldSound(value: unknown): boolean {
  return member(value, 'id') !== undefined && member(value, 'data') === undefined;
}

/** Anthropic's documents and neutral files may carry their text themselves (`source.type`: `text` or `content`). */
function isInlineDocument(part: JsonRecord): boolean {
  const source = member(part['source'], 'type');
  return source === 'text' || source === 'content';
}
