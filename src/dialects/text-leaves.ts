import { asRecord, changeItems, changeMember, depthLimit, parsed } from './record.ts';

/** Changes a text; anything else stays. */
export function changeText(value: unknown, change: (text: string) => string): unknown {
  return typeof value === 'string' ? change(value) : value;
}

/** Changes every string value inside JSON (not the keys), such as the input of a tool call. */
export function changeTextLeaves(value: unknown, change: (text: string) => string, depth = 0): unknown {
  if (typeof value === 'string') return change(value);
  if (depth > depthLimit) return value;
  if (Array.isArray(value)) return changeItems(value, (item) => changeTextLeaves(item, change, depth + 1));
  const record = asRecord(value);
  if (record === undefined) return value;
  let changed: unknown = value;
  for (const key of Object.keys(record)) {
    changed = changeMember(changed, key, (inner) => changeTextLeaves(inner, change, depth + 1));
  }
  return changed;
}

/**
 * Changes the string values inside JSON that is itself given as text, such as `function.arguments`, so that it is
 * still JSON afterwards. Text that is no JSON is changed as a whole.
 */
export function changeJsonText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value !== 'string' || value === '') return value;
  const json = parsed(value);
  if (typeof json !== 'object' || json === null) return change(value);
  const changed = changeTextLeaves(json, change);
  return changed === json ? value : JSON.stringify(changed);
}
