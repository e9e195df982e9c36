import { changeItems, changeMember, depthLimit, items } from './record.ts';

/**
 * The request with its tools sorted by name and the keys of their definitions by code units, so that equal tools are equal
 * bytes in whatever order they were put together. The same object where they are so already.
 *
 * @param nameOf what a tool is called; those without a name keep their order, and stand first
 */
export function withStableTools(
  body: unknown,
  nameOf: (tool: unknown) => string,
  { keepsOrder = false }: { readonly keepsOrder?: boolean } = {},
): unknown {
  return changeMember(body, 'tools', (tools) => {
    const defined = changeItems(tools, (tool) => withSortedKeys(tool, 0));
    return keepsOrder ? defined : sorted(defined, nameOf);
  });
}

function sorted(tools: unknown, nameOf: (tool: unknown) => string): unknown {
  const before = items(tools);
  const after = before.toSorted((one, other) => compare(nameOf(one), nameOf(other)));
  return after.some((tool, index) => tool !== before[index]) ? after : tools;
}

/** By code units, as JavaScript sorts texts: the same in every locale. */
function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function withSortedKeys(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth > depthLimit || 'toJSON' in value) return value;
  if (Array.isArray(value)) return changeItems(value, (item) => withSortedKeys(item, depth + 1));
  const before = Object.entries(value);
  const sortedEntries = before
    .map(([key, content]) => [key, withSortedKeys(content, depth + 1)] as const)
    .toSorted(([one], [other]) => compare(one, other));
  const after: unknown = Object.fromEntries(sortedEntries);
  // Keys like `10` come first and by number in every object, however it was put together.
  const isSame = Object.entries(Object(after)).every(
    ([key, content], index) => key === before[index]?.[0] && content === before[index][1],
  );
  return isSame ? value : after;
}
