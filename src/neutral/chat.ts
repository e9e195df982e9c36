import { invalidOption } from '../core/parse-options.ts';
import type { Call } from '../core/call.ts';
import { neutral } from '../dialects/neutral/lens.ts';
import type { Message } from '../dialects/neutral/message.ts';
import type { NeutralRequest } from '../dialects/neutral/request.ts';
import { neutralCodec } from '../dialects/neutral/translation.ts';
import { answerTo, type Asking } from './asking.ts';
import { bodyOf, checkRequest } from './check-request.ts';
import { withPrompt } from './prompted.ts';
import { replyOf, turnOf, type ChatReply, type Step, type Turn } from './reply.ts';
import type { ChatRequest } from './request.ts';
import { runsTools, runTools, type Tools } from './run-tools.ts';
import type { Tool } from './tool.ts';

/** Longer chains of tools are mostly a model that goes round in circles, and every turn is paid for. */
const defaultMaxSteps = 8;

/** Asks, runs the tools that the model wants, and asks again, until it wants none. */
export async function chat(asking: Asking, given: ChatRequest): Promise<ChatReply> {
  const request = withPrompt(given);
  checkRequest('chat', request);
  const { maxSteps = defaultMaxSteps, ...asked } = request;
  const tools = byName(asked.tools ?? []);
  const body = bodyOf('chat', asked);
  const steps: Step[] = [];
  const added: Message[] = [];
  let first: Call | undefined;
  for (;;) {
    const { turn, call } = await ask(asking, goneOn(body, added), first);
    first ??= call;
    const goesOn = steps.length + 1 < maxSteps && runsTools(turn, tools);
    const toolResults = goesOn ? await runTools(asking, first, turn, tools) : [];
    steps.push({ ...turn, toolResults });
    added.push(turn.message, ...toolResults);
    if (!goesOn) return replyOf(turn, steps, added);
  }
}

/** One turn. @param first the call that further ones belong to */
export async function ask(
  asking: Asking,
  body: NeutralRequest,
  first: Call | undefined,
): Promise<{ readonly turn: Turn; readonly call: Call }> {
  const { json, receipt, call } = await answerTo(asking, {
    dialect: neutral,
    body,
    stream: false,
    parent: first,
  });
  return { turn: turnOf(neutralCodec.reply.decode(json).value, receipt), call };
}

/** A choice that was forced would force the same tool for ever. */
function goneOn(body: NeutralRequest, added: readonly Message[]): NeutralRequest {
  if (added.length === 0) return body;
  const { toolChoice } = body;
  const isForced = toolChoice !== undefined && toolChoice !== 'none';
  return {
    ...body,
    messages: [...body.messages, ...added],
    ...(isForced ? { toolChoice: 'auto' } : {}),
  };
}

function byName(tools: readonly Tool[]): Tools {
  const found = new Map<string, Tool>();
  for (const [index, tool] of tools.entries()) {
    if (found.has(tool.name))
      throw invalidOption(`chat.tools.${index}.name`, `is "${tool.name}", as that of another tool`);
    found.set(tool.name, tool);
  }
  return found;
}
