import type { Host } from './interceptor.ts';
import { invalidOption } from './parse-options.ts';

/**
 * Throws `invalid-options` where an option names a model that no call can go to: neither a route nor `provider/model`.
 *
 * @param path of the option
 * @param owner the name of what was given the option, where several may have been
 */
export function checkModel(
  { knows, nearestTo, providers }: Pick<Host, 'knows' | 'nearestTo' | 'providers'>,
  path: string,
  model: string,
  owner?: string,
): void {
  if (knows(model)) return;
  const nearest = nearestTo(model);
  const hint =
    nearest === undefined ? `Providers: ${providers.join(', ')}` : `Did you mean ${JSON.stringify(nearest)}?`;
  throw invalidOption(
    path,
    `${owner === undefined ? '' : `of \`${owner}\` `}is ${JSON.stringify(model)}, which is neither a route nor \`provider/model\`. ${hint}`,
  );
}
