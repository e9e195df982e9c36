import type { NeutralRequest, ToolChoice, ToolDefinition } from '../neutral/request.ts';
import { asRecord, asText, items, member } from '../record.ts';
import { extrasOf } from './own-extras.ts';

/** The application's tools in our shape, and the provider's own as they are. */
interface DecodedTools {
  readonly tools: readonly ToolDefinition[];
  readonly providersOwn: readonly unknown[];
}

/** SDK type `ToolUnion`: a tool without a type, or with `custom`, is the application's. */
export function decodeTools(value: unknown): DecodedTools {
  const tools: ToolDefinition[] = [];
  const providersOwn: unknown[] = [];
  for (const tool of items(value)) {
    const decoded = decodeTool(tool);
    if (decoded === undefined) providersOwn.push(tool);
    else tools.push(decoded);
  }
  return { tools, providersOwn };
}

function decodeTool(tool: unknown): ToolDefinition | undefined {
  const name = asText(member(tool, 'name'));
  const parameters = asRecord(member(tool, 'input_schema'));
  const type = member(tool, 'type') ?? 'custom';
  if (name === undefined || parameters === undefined || type !== 'custom') return undefined;
  const description = asText(member(tool, 'description'));
  const strict = member(tool, 'strict');
  return {
    name,
    ...(description === undefined ? {} : { description }),
    parameters,
    ...(typeof strict === 'boolean' ? { strict } : {}),
    ...extrasOf(tool, 'type', 'name', 'description', 'input_schema', 'strict'),
  };
}

/** SDK type `ToolChoice`, with what it says of parallel calls; nothing of a choice that is not known. */
export function decodeToolChoice(
  choice: unknown,
): Pick<NeutralRequest, 'toolChoice' | 'parallelToolCalls'> | undefined {
  const toolChoice = choiceOf(choice);
  if (toolChoice === undefined) return undefined;
  const isSerial = member(choice, 'disable_parallel_tool_use');
  return { toolChoice, ...(typeof isSerial === 'boolean' ? { parallelToolCalls: !isSerial } : {}) };
}

function choiceOf(choice: unknown): ToolChoice | undefined {
  const name = asText(member(choice, 'name'));
  switch (member(choice, 'type')) {
    case 'auto':
      return 'auto';
    case 'none':
      return 'none';
    case 'any':
      return 'required';
    case 'tool':
      return name === undefined ? undefined : { name };
    default:
      return undefined;
  }
}
