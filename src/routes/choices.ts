import { invalidOption } from '../core/parse-options.ts';
import { isRoute, type Route } from '../core/route.ts';

/** What a rule picks from: a target `provider/model`, the name of another route, or a rule. */
export type AnyChoice = string | Route;

/** The targets and routes that a choice names, in it or in the rules inside it. */
export type NamesIn<T> = T extends string ? T : T extends Route<infer C> ? C : never;

/**
 * Throws `invalid-options` for an empty list, for what is no choice, and for a target or route named twice.
 *
 * @param list the path of the list itself
 */
export function checkChoices(
  rule: string,
  choices: readonly unknown[],
  list = `${rule}.choices`,
): asserts choices is readonly AnyChoice[] {
  if (choices.length === 0)
    throw invalidOption(rule, 'needs at least one choice: a target `provider/model`, a route, or a rule');
  for (const [index, choice] of choices.entries()) {
    checkChoice(`${list}.${index}`, choice);
    if (typeof choice === 'string' && choices.indexOf(choice) < index)
      throw invalidOption(`${list}.${index}`, `is \`${choice}\`, which is a choice already`);
  }
}

export function checkChoice(path: string, choice: unknown): void {
  if (typeof choice === 'string' || isRoute(choice)) return;
  throw invalidOption(path, 'is no choice: give a target `provider/model`, the name of a route, or a rule');
}
