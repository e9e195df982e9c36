import { foreignExtras } from '../neutral/extras.ts';
import type { Loss } from '../neutral/loss.ts';
import type { ToolChoice, ToolDefinition } from '../neutral/request.ts';
import { asRecord, asText, items, type JsonRecord, member } from '../record.ts';
import { asBoolean, inExtras, Members, ownExtras, present } from './members.ts';

/** SDK type `FunctionTool`; other tools are run by the provider, or take no JSON, and stay as they are. */
export function decodeTools(tools: unknown): {
  readonly functions: readonly ToolDefinition[];
  readonly others: readonly unknown[];
} {
  const isFunction = (tool: unknown): boolean =>
    member(tool, 'type') === 'function' && typeof member(tool, 'name') === 'string';
  return {
    functions: items(tools).filter(isFunction).map(decodeFunction),
    others: items(tools).filter((tool) => !isFunction(tool)),
  };
}

function decodeFunction(tool: unknown): ToolDefinition {
  const members = new Members(tool).drop('type');
  const name = members.take('name', asText) ?? '';
  const description = members.take('description', asText);
  const parameters = members.take('parameters', asRecord) ?? noParameters;
  const strict = members.take('strict', asBoolean);
  return {
    name,
    ...present({ description }),
    parameters,
    // Marked as ours where it is left to the provider, since that means strict here and loose elsewhere.
    ...(strict === undefined ? inExtras(members.rest) : { strict, ...members.extras }),
  };
}

const noParameters: JsonRecord = { type: 'object', properties: {} };

/** Functions are strict by default here (OpenAI guide "Function calling", November 2026) and nowhere else. */
export function encodeTool(tool: ToolDefinition, path: string, losses: Loss[]): JsonRecord {
  const own = ownExtras(tool.extras);
  losses.push(...foreignExtras(tool.extras, 'openai-responses', path));
  return {
    ...own,
    type: 'function',
    name: tool.name,
    ...present({ description: tool.description }),
    parameters: tool.parameters,
    ...(tool.strict === undefined && own !== undefined ? {} : { strict: tool.strict ?? false }),
  };
}

/** `undefined` for the choice of anything but a function. Of allowed tools only the mode is known elsewhere. */
export function decodeToolChoice(choice: unknown): ToolChoice | undefined {
  const word = choice ?? undefined;
  if (word === 'auto' || word === 'none' || word === 'required') return word;
  switch (member(choice, 'type')) {
    case 'function': {
      const name = asText(member(choice, 'name'));
      return name === undefined ? undefined : { name };
    }
    case 'allowed_tools':
      return member(choice, 'mode') === 'required' ? 'required' : 'auto';
    default:
      return undefined;
  }
}

/** The choice as it came, while what it says elsewhere has not been changed. */
export function encodeToolChoice(choice: ToolChoice | undefined, kept: unknown): unknown {
  if (kept !== undefined && decodeToolChoice(kept) === choice) return kept;
  return typeof choice === 'object' ? { type: 'function', name: choice.name } : choice;
}
