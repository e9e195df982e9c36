import type { StreamEvent } from '../../core/stream-event.ts';
import type { EventDecoder } from '../neutral/codec.ts';
import type { NeutralEvent } from '../neutral/event.ts';
import type { Extras } from '../neutral/extras.ts';
import { asCount, asRecord, asText, items, type JsonRecord, member, parsed } from '../record.ts';
import { decodeCitation } from './citations.ts';
import { type Block, finished, grow } from './collect.ts';
import { thinkingMembers, toolUseMembers } from './decode-block.ts';
import { decodeRefusal, replyMembers } from './decode-reply.ts';
import { dialect, extrasWith, membersExcept } from './own-extras.ts';
import { decodeStop } from './stop.ts';
import { stream } from './stream.ts';
import { streamedUsage } from './usage.ts';

/** A content block that has begun: what its deltas make of it, and its part, which it gets with its first event. */
interface OpenBlock {
  readonly block: Block;
  readonly type: string;
  part: number | undefined;
}

/** Anthropic, "Streaming messages", November 2026. */
export function decoder(): EventDecoder {
  return new MessageDecoder();
}

class MessageDecoder implements EventDecoder {
  readonly #open = new Map<number, OpenBlock>();
  #parts = 0;
  #start: JsonRecord | undefined;
  /** Whole deltas, joined: the API may send several. */
  #ending: JsonRecord = {};
  #usage: JsonRecord = {};
  #isOver = false;

  push(event: StreamEvent): readonly NeutralEvent[] {
    if (this.#isOver) return [];
    const error = stream.error(event);
    if (error !== undefined) {
      this.#isOver = true;
      return [{ type: 'error', error }];
    }
    const json = event.json;
    const index = asCount(member(json, 'index')) ?? -1;
    switch (member(json, 'type')) {
      case 'message_start':
        return this.#begin(member(json, 'message'));
      case 'content_block_start':
        return this.#openBlock(index, asRecord(member(json, 'content_block')) ?? {});
      case 'content_block_delta':
        return this.#grow(index, member(json, 'delta'));
      case 'content_block_stop':
        return this.#close(index);
      case 'message_delta':
        this.#ending = { ...this.#ending, ...membersExcept(member(json, 'delta')) };
        this.#usage = { ...this.#usage, ...membersExcept(member(json, 'usage')) };
        return [];
      case 'message_stop':
        return this.#finish();
      default:
        return [];
    }
  }

  /** A stream that told why it ended has ended, whether or not its last event came. */
  end(): readonly NeutralEvent[] {
    return this.#isOver || this.#ending['stop_reason'] === undefined ? [] : this.#finish();
  }

  #begin(message: unknown): readonly NeutralEvent[] {
    if (this.#start !== undefined) return [];
    this.#start = asRecord(message) ?? {};
    return [
      {
        type: 'start',
        id: asText(this.#start['id']),
        model: asText(this.#start['model']),
        usage: streamedUsage(this.#start, undefined),
      },
    ];
  }

  #openBlock(index: number, content: JsonRecord): readonly NeutralEvent[] {
    const closed = this.#close(index);
    const type = asText(content['type']) ?? '';
    const opened: OpenBlock = { block: { content, input: '' }, type, part: undefined };
    this.#open.set(index, opened);
    return [...closed, ...this.#firstEvents(opened)];
  }

  #firstEvents(opened: OpenBlock): readonly NeutralEvent[] {
    const { content } = opened.block;
    switch (opened.type) {
      case 'text': {
        const part = this.#partOf(opened);
        return [
          { type: 'text-delta', part, text: asText(content['text']) ?? '' },
          ...items(content['citations']).map((citation): NeutralEvent => ({
            type: 'citation',
            part,
            citation: decodeCitation(citation),
          })),
        ];
      }
      case 'thinking':
        return [
          { type: 'reasoning-delta', part: this.#partOf(opened), text: asText(content['thinking']) ?? '' },
        ];
      case 'tool_use':
        return [
          {
            type: 'tool-call-start',
            part: this.#partOf(opened),
            id: asText(content['id']) ?? '',
            name: asText(content['name']) ?? '',
          },
        ];
      default:
        return [];
    }
  }

  #grow(index: number, delta: unknown): readonly NeutralEvent[] {
    const opened = this.#open.get(index);
    if (opened === undefined) return [];
    grow(opened.block, delta);
    const type = asText(member(delta, 'type'));
    const text = (key: string): string => asText(member(delta, key)) ?? '';
    switch (`${opened.type} ${type}`) {
      case 'text text_delta':
        return [{ type: 'text-delta', part: this.#partOf(opened), text: text('text') }];
      case 'text citations_delta': {
        const citation = decodeCitation(member(delta, 'citation'));
        return [{ type: 'citation', part: this.#partOf(opened), citation }];
      }
      case 'thinking thinking_delta':
        return [{ type: 'reasoning-delta', part: this.#partOf(opened), text: text('thinking') }];
      case 'tool_use input_json_delta':
        return [{ type: 'tool-call-delta', part: this.#partOf(opened), text: text('partial_json') }];
      default:
        return [];
    }
  }

  #close(index: number): readonly NeutralEvent[] {
    const opened = this.#open.get(index);
    if (opened === undefined) return [];
    this.#open.delete(index);
    const { block, type } = opened;
    const part = this.#partOf(opened);
    switch (type) {
      case 'text':
        return [
          {
            type: 'part-end',
            part,
            ...extrasWith(membersExcept(block.content, 'type', 'text', 'citations')),
          },
        ];
      case 'thinking':
        return [{ type: 'part-end', part, ...extrasWith(thinkingMembers(block.content)) }];
      case 'tool_use':
        return [
          {
            type: 'tool-call',
            part,
            id: asText(block.content['id']) ?? '',
            name: asText(block.content['name']) ?? '',
            arguments:
              block.input === '' ? (block.content['input'] ?? {}) : (parsed(block.input) ?? block.input),
            ...extrasWith(toolUseMembers(block.content)),
          },
        ];
      default:
        return [{ type: 'foreign', part, value: { type: 'foreign', dialect, value: finished(block) } }];
    }
  }

  #finish(): readonly NeutralEvent[] {
    this.#isOver = true;
    const closed = [...this.#open.keys()].flatMap((index) => this.#close(index));
    const message = {
      ...this.#start,
      ...this.#ending,
      usage: { ...asRecord(this.#start?.['usage']), ...this.#usage },
    };
    const refusal = decodeRefusal(this.#ending['stop_details']);
    return [
      ...closed,
      ...(refusal === undefined ? [] : this.#refuse(refusal.text, refusal.extras)),
      {
        type: 'finish',
        stop: decodeStop(this.#ending['stop_reason'], this.#ending['stop_sequence']),
        usage: streamedUsage(this.#start, { usage: this.#usage }),
        ...extrasWith(replyMembers(message, refusal !== undefined)),
      },
    ];
  }

  #refuse(text: string, extras: Extras | undefined): readonly NeutralEvent[] {
    const part = this.#parts++;
    return [
      { type: 'refusal-delta', part, text },
      { type: 'part-end', part, ...(extras === undefined ? {} : { extras }) },
    ];
  }

  #partOf(opened: OpenBlock): number {
    return (opened.part ??= this.#parts++);
  }
}
