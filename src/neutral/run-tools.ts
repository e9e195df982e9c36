import type { Call } from '../core/call.ts';
import type { ToolCallPart, ToolMessage } from '../dialects/neutral/message.ts';
import type { Asking } from './asking.ts';
import { between } from './between.ts';
import type { Turn } from './reply.ts';
import { check, told, type Checked } from '../core/standard-schema.ts';
import type { Tool, ToolContext } from './tool.ts';

/** Tools by name. */
export type Tools = ReadonlyMap<string, Tool>;

/**
 * Whether the tools a turn wants are ours to run: it ended for them, there are such, and none is the application's own. A
 * name that nobody knows is: the model is told so.
 */
export function runsTools({ stop, toolCalls }: Turn, tools: Tools): boolean {
  if (stop !== 'tool-calls' || toolCalls.length === 0) return false;
  if (![...tools.values()].some(({ execute }) => execute !== undefined)) return false;
  return toolCalls.every(({ name }) => tools.get(name)?.execute !== undefined || !tools.has(name));
}

/**
 * Runs all tools that a turn wants, at the same time. Results in the order in which they were asked for.
 *
 * @param first whose deadline is that of all
 */
export function runTools(
  asking: Asking,
  first: Call,
  { toolCalls, receipt: { callId } }: Turn,
  tools: Tools,
): Promise<readonly ToolMessage[]> {
  return between(asking, first, (signal) =>
    Promise.all(toolCalls.map((call) => resultOf(call, tools, { toolCallId: call.id, callId, signal }))),
  );
}

async function resultOf(call: ToolCallPart, tools: Tools, context: ToolContext): Promise<ToolMessage> {
  const tool = tools.get(call.name);
  if (tool?.execute === undefined)
    return failed(call, `there is no tool "${call.name}", only ${[...tools.keys()].join(', ')}`);
  try {
    const args = await argumentsFor(tool, call.arguments);
    if (!args.ok) return failed(call, `the arguments do not fit: ${told(args.issues)}`);
    return {
      role: 'tool',
      toolCallId: call.id,
      content: written(await tool.execute(args.value, context)),
    };
  } catch (thrown) {
    if (tool.onError === 'throw') throw thrown;
    return failed(call, thrown instanceof Error ? thrown.message : String(thrown));
  }
}

async function argumentsFor({ schema }: Tool, given: unknown): Promise<Checked<unknown>> {
  // Some models write nothing at all where there is nothing to say.
  const value = given === '' ? {} : given;
  if (typeof value === 'string') return { ok: false, issues: [{ path: '', message: 'they are no JSON' }] };
  return schema === undefined ? { ok: true, value } : check(schema, value);
}

function written(result: unknown): string {
  if (typeof result === 'string') return result;
  return result === undefined ? '' : (JSON.stringify(result) ?? String(result));
}

/** Not every format marks failed results, so the text says it too. */
function failed({ id }: ToolCallPart, what: string): ToolMessage {
  return { role: 'tool', toolCallId: id, content: `Error: ${what}`, isError: true };
}
