import { foreignExtras } from '../neutral/extras.ts';
import type { Loss } from '../neutral/loss.ts';
import type { NeutralRequest, ToolChoice, ToolDefinition } from '../neutral/request.ts';
import { items, type JsonRecord } from '../record.ts';
import { dialect, ownMembers } from './own-extras.ts';

/** The application's tools, then the provider's own, which only a request of this format brings. */
export function encodeTools(request: NeutralRequest, losses: Loss[]): readonly unknown[] {
  const tools = (request.tools ?? []).map((tool, index) => encodeTool(tool, `tools.${index}`, losses));
  return [...tools, ...items(ownMembers(request.extras)['tools'])];
}

/** SDK type `Tool`: the schema is always of an object, also where there are no arguments. */
function encodeTool(tool: ToolDefinition, path: string, losses: Loss[]): JsonRecord {
  const { name, description, parameters, strict, extras } = tool;
  losses.push(...foreignExtras(extras, dialect, path));
  return {
    ...ownMembers(extras),
    name,
    ...(description === undefined ? {} : { description }),
    input_schema: Object.hasOwn(parameters, 'type') ? parameters : { type: 'object', ...parameters },
    ...(strict === undefined ? {} : { strict }),
  };
}

/**
 * SDK type `ToolChoice`, which also says whether calls may be parallel. The API takes it only with tools; without them
 * only a forced call is a loss.
 */
export function encodeToolChoice(
  { toolChoice, parallelToolCalls, extras }: NeutralRequest,
  hasTools: boolean,
  losses: Loss[],
): unknown {
  if (!hasTools) {
    if (isForced(toolChoice)) {
      losses.push({ path: 'toolChoice', reason: 'There is no tool to choose; it was left out.' });
    }
    return undefined;
  }
  const choice = choiceOf(toolChoice ?? (parallelToolCalls === false ? 'auto' : undefined));
  if (choice === undefined) return ownMembers(extras)['tool_choice'];
  return parallelToolCalls === undefined || choice['type'] === 'none'
    ? choice
    : { ...choice, disable_parallel_tool_use: !parallelToolCalls };
}

/** Whether a tool must be called. */
export function isForced(choice: ToolChoice | undefined): boolean {
  return choice !== undefined && choice !== 'auto' && choice !== 'none';
}

function choiceOf(choice: ToolChoice | undefined): JsonRecord | undefined {
  if (choice === undefined) return undefined;
  if (typeof choice !== 'string') return { type: 'tool', name: choice.name };
  return { type: choice === 'required' ? 'any' : choice };
}
