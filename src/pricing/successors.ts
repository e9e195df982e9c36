import { invalidOption } from '../core/parse-options.ts';
import { factsByName } from './model-facts.ts';
import type { ModelsOption } from './models-option.ts';

/**
 * Refuses a model that is to be replaced by itself, at once or by way of others: the warning of its end would recommend what
 * has ended. What is said of all models of a provider is left alone, and one that does not end has no successor.
 *
 * @param providers names that there are; `undefined`: any
 */
export function checkSuccessors(models: ModelsOption, providers: readonly string[] | undefined): void {
  const table = factsByName(models);
  const nextOf = (name: string): string | undefined => {
    const { retiresAt, successor } = table.get(name) ?? {};
    if (retiresAt === false || successor === undefined || name.endsWith('/*')) return undefined;
    const provider = successor.slice(0, Math.max(successor.indexOf('/'), 0));
    const isTarget = provider !== '' && (providers?.includes(provider) ?? true);
    return isTarget ? successor : `${name.slice(0, name.indexOf('/'))}/${successor}`;
  };
  for (const name of table.keys()) {
    const line = [name];
    let next = nextOf(name);
    while (next !== undefined && !line.includes(next)) {
      line.push(next);
      next = nextOf(next);
    }
    // A ring that others only lead to is told by one of its own.
    if (next === name) throw invalidOption(`models.${name}.successor`, problemOf(line));
  }
}

function problemOf(ring: readonly string[]): string {
  if (ring.length === 1) return 'is the model itself: name what to ask instead, or leave it out';
  const told = [...ring, ring[0]].map((each) => `\`${each}\``).join(', ');
  return `comes back to it (${told}): name one that stays, or leave one of them out`;
}
