import type { Receipt } from '../core/receipt.ts';
import type { Usage } from '../core/usage.ts';
import type {
  AssistantMessage,
  AssistantPart,
  Message,
  ToolCallPart,
  ToolMessage,
} from '../dialects/neutral/message.ts';
import type { NeutralReply, StopReason } from '../dialects/neutral/reply.ts';

/** One answer of a model. */
export interface Turn {
  /** Everything in it, in order. */
  readonly content: readonly AssistantPart[];
  /** Its text parts, joined. */
  readonly text: string;
  /** Its thinking as far as it is shown, joined; `''` where none is. */
  readonly reasoning: string;
  /** The tools it wants to be run. */
  readonly toolCalls: readonly ToolCallPart[];
  /** Why it ended. */
  readonly stop: StopReason;
  /** The stop sequence it ended with, where the provider says it. */
  readonly stopSequence: string | undefined;
  /** `undefined`: the provider did not say. */
  readonly usage: Usage | undefined;
  /** Of the call that asked for it: what served it, each attempt, tokens, times, losses. */
  readonly receipt: Receipt;
  /** The answer as a message, to go on from. */
  readonly message: AssistantMessage;
}

/** A turn, and what came of the tools it asked for. */
export interface Step extends Turn {
  readonly toolResults: readonly ToolMessage[];
}

/** What `llm.chat` gives: the last turn, and those before it in `steps`. */
export interface ChatReply extends Turn {
  /** Every turn, the last one included. */
  readonly steps: readonly Step[];
  /** One a turn, in order; `receipt` is the last of them. */
  readonly receipts: readonly Receipt[];
  /** All that this call adds to the conversation: answers and tool results. */
  readonly messages: readonly Message[];
}

export function turnOf(reply: NeutralReply, receipt: Receipt): Turn {
  const { content, stop, usage } = reply;
  return {
    content,
    text: joined(content, 'text'),
    reasoning: joined(content, 'reasoning'),
    toolCalls: content.filter((part) => part.type === 'tool-call'),
    stop: stop.reason,
    stopSequence: stop.sequence,
    usage,
    receipt,
    message: { role: 'assistant', content },
  };
}

/** @param added what was said between two steps: by tools, or by us */
export function replyOf(last: Turn, steps: readonly Step[], messages: readonly Message[]): ChatReply {
  return { ...last, steps, messages, receipts: steps.map(({ receipt }) => receipt) };
}

/** The reply of a single turn. */
export function singleReply(turn: Turn): ChatReply {
  return replyOf(turn, [{ ...turn, toolResults: [] }], [turn.message]);
}

function joined(content: readonly AssistantPart[], type: 'text' | 'reasoning'): string {
  return content.map((part) => (part.type === type ? part.text : '')).join('');
}
