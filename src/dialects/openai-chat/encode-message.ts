import { foreignExtras } from '../neutral/extras.ts';
import type { Loss } from '../neutral/loss.ts';
import type { AssistantMessage, Message, ToolMessage } from '../neutral/message.ts';
import { asRecord, asText, type JsonRecord, member } from '../record.ts';
import { encodeUserPart } from './encode-content.ts';
import { encodeToolCall, isOwnCall } from './encode-tool-call.ts';
import { foreignLoss, own, ownExtras, withMembers, withOwnExtras } from './extras.ts';
import { asId } from './members.ts';
import { reasoningMembers } from './reasoning.ts';

/** Of a tool message whose result is nothing but media: some servers refuse an empty one. */
const seeNext = 'The result is in the next user message.';

/**
 * The turns of a request, in the order OpenAI demands: all results of a turn's calls stand right behind it. Results
 * hold only text here, so images and files of theirs follow in a user message behind the last result.
 */
export function encodeMessages(messages: readonly Message[], losses: Loss[]): readonly JsonRecord[] {
  const encoder = new MessageEncoder(losses);
  for (const [at, message] of messages.entries()) encoder.add(message, `messages.${at}`);
  return encoder.finished();
}

class MessageEncoder {
  readonly #losses: Loss[];
  readonly #encoded: JsonRecord[] = [];
  /** Calls of the latest turn that has any, and where their next result stands. */
  #calls = new Set<string>();
  #resultsEnd = 0;
  /** Calls that were left out, and with them their results. */
  readonly #omitted = new Set<string>();
  #media: JsonRecord[] = [];

  constructor(losses: Loss[]) {
    this.#losses = losses;
  }

  add(message: Message, path: string): void {
    if (message.role !== 'tool') this.#addMedia();
    this.#losses.push(...foreignExtras(message.extras, own, path));
    switch (message.role) {
      case 'assistant':
        this.#encoded.push(withOwnExtras(this.#assistant(message, path), message.extras));
        this.#resultsEnd = this.#encoded.length;
        return;
      case 'tool':
        this.#addResult(message, path);
        return;
      default: {
        const { role, content } = message;
        const name = message.role === 'user' && message.name !== undefined ? { name: message.name } : {};
        const encoded = { role, content: typeof content === 'string' ? content : this.#parts(content, path) };
        this.#encoded.push(withOwnExtras({ ...encoded, ...name }, message.extras));
      }
    }
  }

  finished(): readonly JsonRecord[] {
    this.#addMedia();
    return this.#encoded;
  }

  #parts(content: Exclude<ToolMessage['content'], string>, path: string): readonly JsonRecord[] | '' {
    const parts = content.flatMap((part, index): readonly JsonRecord[] => {
      const encoded = encodeUserPart(part, `${path}.content.${index}`, this.#losses);
      return encoded === undefined ? [] : [encoded];
    });
    return parts.length === 0 ? '' : parts;
  }

  #addResult(message: ToolMessage, path: string): void {
    const { toolCallId, content, isError, extras } = message;
    if (this.#omitted.has(toolCallId)) {
      this.#losses.push({ path, reason: 'It answers a tool call that was left out; it was left out too.' });
      return;
    }
    if (isError === true) {
      this.#losses.push({
        path: `${path}.isError`,
        reason: 'Results do not tell failures; the text still does.',
      });
    }
    const parts = typeof content === 'string' ? content : this.#parts(content, path);
    const texts = typeof parts === 'string' ? parts : parts.filter(({ type }) => type === 'text');
    const media = typeof parts === 'string' ? [] : parts.filter(({ type }) => type !== 'text');
    if (media.length > 0) {
      this.#media.push({ type: 'text', text: `From the result of tool call ${toolCallId}:` }, ...media);
    }
    const encoded = {
      role: 'tool',
      tool_call_id: toolCallId,
      content: texts.length === 0 && media.length > 0 ? seeNext : texts,
    };
    const place = this.#calls.has(toolCallId) ? this.#resultsEnd : this.#encoded.length;
    this.#encoded.splice(place, 0, withOwnExtras(encoded, extras));
    this.#resultsEnd = place + 1;
  }

  #addMedia(): void {
    if (this.#media.length === 0) return;
    this.#encoded.splice(this.#resultsEnd, 0, { role: 'user', content: this.#media });
    this.#media = [];
  }

  #assistant({ content }: AssistantMessage, path: string): JsonRecord {
    this.#calls = new Set();
    if (typeof content === 'string') return { role: 'assistant', content };
    const parts: JsonRecord[] = [];
    const refusals: string[] = [];
    const calls: JsonRecord[] = [];
    let reasoning: JsonRecord = {};
    for (const [index, part] of content.entries()) {
      const at = `${path}.content.${index}`;
      switch (part.type) {
        case 'text': {
          const text = encodeUserPart(part, at, this.#losses);
          if (text !== undefined) parts.push(text);
          break;
        }
        case 'reasoning': {
          const members = reasoningMembers(part);
          if (members === undefined) {
            this.#losses.push({
              path: `${at}.reasoning`,
              reason: 'Turns hold no reasoning; it was left out.',
            });
          } else if ('thinking' in ownExtras(part.extras))
            parts.push({ type: 'thinking', ...ownExtras(part.extras) });
          else reasoning = withMembers(reasoning, members);
          break;
        }
        case 'refusal':
          refusals.push(part.text);
          this.#losses.push(...foreignExtras(part.extras, own, at));
          break;
        case 'tool-call':
          this.#calls.add(part.id);
          calls.push(encodeToolCall(part));
          this.#losses.push(...foreignExtras(part.extras, own, at));
          break;
        case 'foreign': {
          const value = part.dialect === own ? asRecord(part.value) : undefined;
          const id = asId(member(part.value, 'call_id')) ?? asId(member(part.value, 'id'));
          if (value === undefined) {
            this.#losses.push(foreignLoss(part, at));
            if (id !== undefined) this.#omitted.add(id);
          } else if (isOwnCall(part)) {
            if (id !== undefined) this.#calls.add(id);
            calls.push(value);
          } else parts.push(value);
          break;
        }
        default:
          part satisfies never;
      }
    }
    return {
      role: 'assistant',
      content: joinedContent(parts) ?? (calls.length > 0 || refusals.length > 0 ? null : ''),
      ...reasoning,
      ...(refusals.length === 0 ? {} : { refusal: refusals.join('') }),
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
    };
  }
}

/** A lone plain text as a string, which every server takes. */
function joinedContent(parts: readonly JsonRecord[]): string | readonly JsonRecord[] | undefined {
  const [only] = parts;
  if (only === undefined) return undefined;
  const text = asText(only['text']);
  const plain = parts.length === 1 && text !== undefined && Object.keys(only).length === 2;
  return plain ? text : parts;
}
