import type { CitationEvent, PartEnd, ToolCallEvent, ToolCallStart } from '../neutral/event.ts';
import { foreignExtras } from '../neutral/extras.ts';
import type { Loss } from '../neutral/loss.ts';
import { asRecord, type JsonRecord } from '../record.ts';
import type { PartEvent } from './block-queue.ts';
import { encodeReplyCitation } from './citations.ts';
import { encodeForeign, encodeReasoningPart } from './encode-block.ts';
import { stopDetails } from './encode-reply.ts';
import { opened } from './explode.ts';
import { dialect, ownMembers } from './own-extras.ts';
import { legalToolCallId } from './tool-call-id.ts';
import { toolInput } from './tool-input.ts';

/**
 * Writes parts as content blocks, one after another. Text goes out as it comes. Held back until the part ends is what
 * only then can be told apart: thinking (sent only with its signature), a refusal (this API's own stands in
 * `stop_details`), and arguments that do not begin as an object.
 */
export class BlockWriter {
  /** The details of a refusal that came from this API. */
  stopDetails: JsonRecord | undefined;
  readonly #losses: Loss[];
  #index = 0;
  /** The kind of the part at hand, and whether its block has begun. */
  #kind: 'text' | 'reasoning' | 'refusal' | 'tool-call' | undefined;
  #isOpen = false;
  /** Whether arguments go out as they come; `undefined` until they begin. */
  #hasArguments: boolean | undefined;
  #held = '';
  #citations = 0;

  constructor(losses: Loss[]) {
    this.#losses = losses;
  }

  write(event: PartEvent): readonly JsonRecord[] {
    switch (event.type) {
      case 'text-delta':
        this.#kind = 'text';
        return this.#text(event.text);
      case 'reasoning-delta':
      case 'refusal-delta':
        this.#kind = event.type === 'reasoning-delta' ? 'reasoning' : 'refusal';
        this.#held += event.text;
        return [];
      case 'citation':
        this.#kind ??= 'text';
        return this.#kind === 'text' ? this.#citation(event) : [];
      case 'tool-call-start':
        this.#kind = 'tool-call';
        return this.#begin(toolUse(event));
      case 'tool-call-delta':
        return this.#arguments(event.text);
      case 'tool-call':
        return this.#endToolCall(event);
      case 'part-end':
        return this.#endPart(event);
      case 'foreign': {
        const block = encodeForeign(event.value, `content.${event.part}`, this.#losses);
        return block === undefined ? [] : this.#whole(block);
      }
      default:
        return event satisfies never;
    }
  }

  /** Closes a block whose part never ended. */
  end(): readonly JsonRecord[] {
    return this.#isOpen ? this.#stop() : [];
  }

  /** A block begins with its first text: empty ones are refused when they come back. */
  #text(text: string): readonly JsonRecord[] {
    return text === '' ? [] : [...this.#beginText(), this.#delta({ type: 'text_delta', text })];
  }

  #citation({ part, citation }: CitationEvent): readonly JsonRecord[] {
    const path = `content.${part}.citations.${this.#citations++}`;
    this.#losses.push(...foreignExtras(citation.extras, dialect, path));
    const encoded = encodeReplyCitation(citation, path, this.#losses);
    return encoded === undefined
      ? []
      : [...this.#beginText(), this.#delta({ type: 'citations_delta', citation: encoded })];
  }

  #arguments(text: string): readonly JsonRecord[] {
    if (this.#hasArguments === true) return [this.#delta({ type: 'input_json_delta', partial_json: text })];
    this.#held += text;
    // Looks at what is new alone: models are known to go on with blanks for ever.
    const beginning = this.#hasArguments === undefined ? text.trimStart() : '';
    if (beginning !== '') this.#hasArguments = beginning.startsWith('{');
    if (this.#hasArguments !== true) return [];
    const partial_json = this.#held;
    this.#held = '';
    return [this.#delta({ type: 'input_json_delta', partial_json })];
  }

  #endToolCall(event: ToolCallEvent): readonly JsonRecord[] {
    const path = `content.${event.part}`;
    const begun = this.#isOpen ? [] : this.#begin(toolUse(event));
    this.#tellLate(event, path);
    if (this.#hasArguments === true && asRecord(event.arguments) === undefined) {
      this.#losses.push({ path: `${path}.arguments`, reason: 'It is no JSON; it was sent as it came.' });
    }
    const input = this.#hasArguments === true ? undefined : toolInput(event.arguments, path, this.#losses);
    return [
      ...begun,
      ...(input === undefined
        ? []
        : [this.#delta({ type: 'input_json_delta', partial_json: JSON.stringify(input) })]),
      ...this.#stop(),
    ];
  }

  #endPart(event: PartEnd): readonly JsonRecord[] {
    const path = `content.${event.part}`;
    const kind = this.#kind;
    const text = this.#held;
    if (kind === 'text') {
      this.#tellLate(event, path);
      return this.#isOpen ? this.#stop() : this.#forget();
    }
    this.#forget();
    if (kind === undefined) return [];
    this.#losses.push(...foreignExtras(event.extras, dialect, path));
    if (kind === 'refusal') {
      const details = stopDetails(ownMembers(event.extras), text);
      this.stopDetails ??= details;
      return details === undefined && text !== '' ? this.#whole({ type: 'text', text, citations: null }) : [];
    }
    const { extras } = event;
    const thinking = { type: 'reasoning', text, ...(extras === undefined ? {} : { extras }) } as const;
    const block = encodeReasoningPart(thinking, path, this.#losses);
    return block === undefined ? [] : this.#whole(block);
  }

  /** What the end of a part tells of a block that has begun without it. */
  #tellLate({ extras }: PartEnd | ToolCallEvent, path: string): void {
    this.#losses.push(...foreignExtras(extras, dialect, path));
    for (const name of Object.keys(ownMembers(extras))) {
      this.#losses.push({
        path: `${path}.${name}`,
        reason: 'It came after its block had begun; it was left out.',
      });
    }
  }

  #whole(block: JsonRecord): readonly JsonRecord[] {
    const [start, deltas] = opened(block);
    return [...this.#begin(start), ...deltas.map((delta) => this.#delta(delta)), ...this.#stop()];
  }

  #beginText(): readonly JsonRecord[] {
    return this.#isOpen ? [] : this.#begin({ type: 'text', text: '', citations: null });
  }

  #begin(content_block: JsonRecord): readonly JsonRecord[] {
    this.#isOpen = true;
    return [{ type: 'content_block_start', index: this.#index, content_block }];
  }

  #delta(delta: JsonRecord): JsonRecord {
    return { type: 'content_block_delta', index: this.#index, delta };
  }

  #stop(): readonly JsonRecord[] {
    this.#forget();
    return [{ type: 'content_block_stop', index: this.#index++ }];
  }

  #forget(): readonly JsonRecord[] {
    this.#kind = undefined;
    this.#isOpen = false;
    this.#hasArguments = undefined;
    this.#held = '';
    this.#citations = 0;
    return [];
  }
}

function toolUse({ id, name }: ToolCallStart | ToolCallEvent): JsonRecord {
  return { type: 'tool_use', id: legalToolCallId(id), name, input: {}, caller: { type: 'direct' } };
}
