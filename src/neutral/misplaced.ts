import { callSettingsSchema } from '../core/settings.ts';

const inSecondArgument = 'goes into the second argument, with the settings of the call';

/** Where what other APIs have in a request, or what the same call takes elsewhere, is to be given instead. */
const places = new Map<string, string>([
  ...Object.keys(callSettingsSchema.def.shape).map((setting) => [setting, inSecondArgument] as const),
  ['signal', inSecondArgument],
  ['timeout', 'is `deadlineMs`, in the second argument'],
  ['system', 'is a message of role "system", first in `messages`'],
  ['instructions', 'is a message of role "system", first in `messages`'],
  ['prompt', 'must be of `definePrompt`: a text is `messages`'],
  ['stream', 'is a method of its own, `llm.stream`'],
  ['max_tokens', 'is `maxOutputTokens`'],
  ['max_completion_tokens', 'is `maxOutputTokens`'],
  ['maxTokens', 'is `maxOutputTokens`'],
  ['stop', 'is `stopSequences`, a list'],
  ['stop_sequences', 'is `stopSequences`'],
  ['response_format', 'is `output`, or a method of its own, `llm.object`'],
  ['reasoning_effort', 'is `reasoning: { effort }`'],
  ['thinking', 'is `reasoning: { budgetTokens }`'],
]);

/** The first member that is given in the wrong place, or by another API's name, and what to do with it. */
export function misplacedIn(
  request: object,
  known: object,
): { readonly name: string; readonly problem: string } | undefined {
  const asksForAnswer = Object.hasOwn(known, 'messages');
  for (const name of Object.keys(request)) {
    const problem = Object.hasOwn(known, name) ? undefined : places.get(name);
    if (problem !== undefined && (asksForAnswer || problem === inSecondArgument)) return { name, problem };
  }
  return undefined;
}
