import type { Loss } from '../neutral/loss.ts';
import type { AssistantPart, Message, TextPart } from '../neutral/message.ts';
import { asRecord, asText, member } from '../record.ts';
import { assistantPart, contentItems, textPart, userPart } from './decode-content.ts';
import { functionCallPart, toolCallPart } from './decode-tool-call.ts';
import { extrasOf } from './extras.ts';
import { asId, asList, Members } from './members.ts';
import { askedReasoning, takeReasoning } from './reasoning.ts';

/**
 * The turns of a request, one by one: calls without an id get one, and results without an id answer the first call of
 * their name, or the first of all, that has no result yet.
 */
export class MessageDecoder {
  readonly #losses: Loss[];
  #unanswered: { readonly id: string; readonly name: string }[] = [];

  constructor(losses: Loss[]) {
    this.#losses = losses;
  }

  decode(message: unknown, at: number): Message | undefined {
    if (asRecord(message) === undefined) {
      this.#losses.push({ path: `messages.${at}`, reason: 'It is no message; it was left out.' });
      return undefined;
    }
    const members = new Members(message);
    const role = asText(member(message, 'role'));
    switch (role) {
      case 'system':
      case 'developer':
        members.ignore('role', 'content');
        return { role, content: this.#instructions(message, at), ...extrasOf(members.rest) };
      case 'assistant':
        return this.#assistant(message, members, at);
      case 'tool':
      case 'function':
        return this.#result(message, members);
      default: {
        // An unknown role stays in the extras, and its words are the user's elsewhere.
        if (role === 'user') members.ignore('role');
        const name = members.take('name', asText);
        members.ignore('content');
        const content = decodedContent(message, userPart);
        return {
          role: 'user',
          content,
          ...(name === undefined ? {} : { name }),
          ...extrasOf(members.rest),
        };
      }
    }
  }

  #instructions(message: unknown, at: number): string | readonly TextPart[] {
    const content = member(message, 'content');
    if (typeof content === 'string') return content;
    const parts: TextPart[] = [];
    for (const [index, item] of contentItems(content).entries()) {
      const part = textPart(item);
      if (part !== undefined) parts.push(part);
      else {
        const path = `messages.${at}.content.${index}.${asText(member(item, 'type')) ?? 'type'}`;
        this.#losses.push({ path, reason: 'Instructions hold only text; it was left out.' });
      }
    }
    return parts.length === 0 ? '' : parts;
  }

  #assistant(message: unknown, members: Members, at: number): Message {
    members.ignore('role', 'content');
    const reasoning = askedReasoning(takeReasoning(members));
    const content = member(message, 'content');
    const parts: AssistantPart[] = reasoning === undefined ? [] : [reasoning];
    for (const item of contentItems(content)) {
      const part = assistantPart(item, 'asked');
      if (part.type !== 'text' || part.text !== '') parts.push(part);
    }
    const refusal = members.take('refusal', asText);
    if (refusal) parts.push({ type: 'refusal', text: refusal });
    parts.push(...this.#calls(members, at));
    const [only] = parts;
    const plain = parts.length === 1 && only?.type === 'text' && typeof content === 'string';
    return {
      role: 'assistant',
      content: parts.length === 0 ? '' : plain ? only.text : parts,
      ...extrasOf(members.rest),
    };
  }

  #calls(members: Members, at: number): AssistantPart[] {
    const calls: AssistantPart[] = (members.take('tool_calls', asList) ?? []).map((call, index) =>
      toolCallPart(call, `call_${at}_${index}`),
    );
    const called = members.take('function_call', asRecord);
    if (called !== undefined) calls.push(functionCallPart(called, `call_${at}`));
    if (calls.length > 0) {
      this.#unanswered = calls.flatMap((call) => {
        if (call.type === 'tool-call') return [{ id: call.id, name: call.name }];
        const id = call.type === 'foreign' ? asId(member(call.value, 'id')) : undefined;
        return id === undefined ? [] : [{ id, name: '' }];
      });
    }
    return calls;
  }

  #result(message: unknown, members: Members): Message {
    members.ignore('role', 'content');
    const name = asText(member(message, 'name'));
    // The older form has nothing but the name.
    if (member(message, 'role') === 'function') members.ignore('name');
    const given = members.take('tool_call_id', asId);
    members.ignore('tool_call_id');
    const answered =
      this.#unanswered.find((call) => (given === undefined ? call.name === name : call.id === given)) ??
      (given === undefined ? this.#unanswered[0] : undefined);
    this.#unanswered = this.#unanswered.filter((call) => call !== answered);
    return {
      role: 'tool',
      toolCallId: given ?? answered?.id ?? '',
      content: decodedContent(message, userPart),
      ...extrasOf(members.rest),
    };
  }
}

function decodedContent<T>(message: unknown, decode: (part: unknown) => T): string | readonly T[] {
  const content = member(message, 'content');
  if (typeof content === 'string') return content;
  return content === undefined || content === null ? '' : contentItems(content).map(decode);
}
