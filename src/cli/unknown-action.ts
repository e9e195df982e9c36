import { nearestOf } from '../core/parse-options.ts';

/** What to say to a word behind a command that is none of those it takes. */
export function unknownAction(command: 'prompts' | 'canary', action: string, all: readonly string[]): string {
  const nearest = action === '' ? undefined : nearestOf(action, all);
  const what = action === '' ? 'Nothing says what to do' : `\`${command} ${action}\` is no command`;
  return nearest === undefined
    ? `${what}: write \`managed-llm ${command}\` and one of ${all.map((one) => `\`${one}\``).join(', ')}.`
    : `${what}. Did you mean \`${command} ${nearest}\`?`;
}
