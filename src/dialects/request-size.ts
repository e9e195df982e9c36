import { asRecord, depthLimit, items, type JsonRecord, member } from './record.ts';

/** Parts that are pictures: priced by their size, not by their characters. */
const imageTypes = new Set([
  'image',
  'image_url',
  'input_image',
  'computer_screenshot',
  'image_generation_call',
]);

/** Parts whose length the request does not tell: files, sound, and references to what the provider holds. */
const opaqueTypes = new Set([
  'file',
  'input_file',
  'audio',
  'input_audio',
  'video_url',
  'document_url',
  'container_upload',
  'item_reference',
]);

/** Members that frame a text and are not part of it. */
const labels = new Set([
  'type',
  'role',
  'id',
  'call_id',
  'tool_call_id',
  'tool_use_id',
  'toolCallId',
  'dialect',
  'item_id',
  'status',
  'phase',
  'index',
  'cache_control',
  'detail',
  'signature',
]);

/** Members that hold the input of a tool: text, or JSON. */
const toolInputs = new Set(['input', 'arguments']);

/** Adds up what a request sends, for estimates before it is sent. */
export class RequestSize {
  characters = 0;
  images = 0;
  complete = true;

  /** Prompts and turns: texts count, images are counted apart, what has no known length makes the size incomplete. */
  turns(value: unknown, depth = 0): this {
    if (typeof value === 'string') this.characters += value.length;
    else if (depth > depthLimit) this.complete = false;
    else if (Array.isArray(value)) for (const item of items(value)) this.turns(item, depth + 1);
    else {
      const record = asRecord(value);
      if (record !== undefined) this.#part(record, depth);
    }
    return this;
  }

  /** Tool definitions, schemas and tool input: about as many characters as the JSON has. */
  json(value: unknown, depth = 0): this {
    if (typeof value === 'string') this.characters += value.length + 2;
    else if (typeof value === 'number' || typeof value === 'boolean') this.characters += String(value).length;
    else if (depth > depthLimit) this.complete = false;
    else if (Array.isArray(value)) {
      for (const item of items(value)) this.json(item, depth + 1);
      this.characters += value.length + 1;
    } else {
      const record = asRecord(value);
      if (record === undefined) return this;
      for (const [key, content] of Object.entries(record)) {
        this.characters += key.length + 4;
        this.json(content, depth + 1);
      }
      this.characters += 1;
    }
    return this;
  }

  /** The provider adds more than the request shows. */
  partial(when: boolean): this {
    if (when) this.complete = false;
    return this;
  }

  hint(): { characters: number; images: number; complete: boolean } {
    return { characters: this.characters, images: this.images, complete: this.complete };
  }

  #part(part: JsonRecord, depth: number): void {
    const type = part['type'];
    if (typeof type === 'string' && imageTypes.has(type)) {
      this.images++;
      return;
    }
    if (
      typeof type === 'string' &&
      (opaqueTypes.has(type) || type === 'document') &&
      !isInlineDocument(part)
    ) {
      this.complete = false;
      return;
    }
    for (const [key, content] of Object.entries(part)) {
      if (labels.has(key)) continue;
      if (toolInputs.has(key) && asRecord(content) !== undefined) this.json(content, depth + 1);
      else this.turns(content, depth + 1);
    }
  }
}

/** Anthropic's documents and neutral files may carry their text themselves (`source.type`: `text` or `content`). */
function isInlineDocument(part: JsonRecord): boolean {
  const source = member(part['source'], 'type');
  return source === 'text' || source === 'content';
}
