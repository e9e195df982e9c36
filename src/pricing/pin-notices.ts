import { targetName, type Target } from '../core/target.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { factsByName, factsOf } from './model-facts.ts';
import type { WatchParts } from './model-watch.ts';
import { ownerOf } from './retirements.ts';

/** What was served in place of a pin. */
export interface ServedForPin {
  readonly target: Target;
  readonly pin: string;
  readonly served: string;
  /** Base URL that was asked; `undefined`: not known. */
  readonly origin: string | undefined;
}

/**
 * Tells of a pin that was not served. At a provider's own hosts a pin is an id, and its answers bear it. Elsewhere it may be the
 * name of a deployment, whose answers bear the name of its model: that is compared with what it is said to be, if anything.
 */
export function tellOfPin(parts: WatchParts, { target, pin, served, origin }: ServedForPin): void {
  const { is } = factsOf(factsByName(parts.models), parts.providers, target);
  if (ownerOf(origin) === undefined && (is === undefined || isModel(served, modelIn(is, target)))) return;
  const name = targetName(target);
  parts.report(
    new ManagedLLMError({
      code: 'pin-not-served',
      message: `\`${name}\` is pinned to \`${pin}\`, and its provider says that \`${served}\` answered.`,
      details: { target: name, pin, servedModel: served },
    }),
    'the option `models`',
  );
}

/** The id alone: `gpt-5.2` of `openai/gpt-5.2`, and of `openai/*` for a target of that model. */
function modelIn(is: string, { model }: Target): string {
  return is.endsWith('/*') ? model : is.slice(is.lastIndexOf('/') + 1);
}

/** Whether an id is a model's own, or that of a dated snapshot of it. */
function isModel(id: string, model: string): boolean {
  return (
    id === model || (id.startsWith(`${model}-`) && /^\d{4}-?\d{2}-?\d{2}$/.test(id.slice(model.length + 1)))
  );
}
