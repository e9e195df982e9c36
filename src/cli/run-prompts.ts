import type { State } from '../core/state.ts';
import type { PromptLabelChange } from '../prompts/registry/label-book.ts';
import { promptRegistry } from '../prompts/registry/prompt-registry.ts';
import type { AskedOfPrompts } from './prompts-arguments.ts';
import { tableOf, timeOf } from './table.ts';

/**
 * Does what is asked with the labels of a prompt. No source is seen from here: versions are those that a process has served.
 *
 * @returns what to print
 * @throws as the methods of `PromptRegistry`
 */
export async function runPrompts(asked: AskedOfPrompts, state: State): Promise<string> {
  await using registry = promptRegistry({ source: [], state, onError: () => {} });
  const { name } = asked;
  switch (asked.action) {
    case 'labels': {
      const labels = Object.entries(await registry.labels(name));
      if (labels.length > 0) return tableOf(labels);
      // Rejects where nobody knows it.
      await registry.versions(name);
      return `\`${name}\` has no labels.`;
    }
    case 'versions': {
      const versions = await registry.versions(name);
      return tableOf(
        versions.map(({ version, hash, recordedAt, labels }) => [
          version,
          hash,
          recordedAt === undefined ? '' : timeOf(recordedAt),
          labels.join(', '),
        ]),
      );
    }
    case 'history': {
      const { changes, dropped } = await registry.history(name);
      const older = dropped === 0 ? [] : [`${dropped} older changes have made room.`];
      return changes.length === 0
        ? `No label of \`${name}\` was ever set.`
        : [...older, tableOf(changes.map(rowOf))].join('\n');
    }
    case 'diff': {
      const { text } = await registry.diff(name, asked.from, asked.to);
      return text === '' ? 'Both give the same requests.' : text;
    }
    case 'label':
      await registry.label(name, asked.label, asked.version, moverOf(asked));
      return `\`${asked.label}\` of \`${name}\` names version \`${asked.version}\` now.`;
    case 'rollback': {
      const version = await registry.rollback(name, asked.label, moverOf(asked));
      return `\`${asked.label}\` of \`${name}\` names version \`${version}\` again.`;
    }
    case 'unlabel':
      await registry.unlabel(name, asked.label, moverOf(asked));
      return `\`${name}\` has no label \`${asked.label}\` any more.`;
    default:
      return asked satisfies never;
  }
}

function moverOf({ by, note }: { readonly by: string; readonly note?: string }) {
  return { by, ...(note === undefined ? {} : { note }) };
}

function rowOf({
  at,
  by,
  kind,
  label,
  from = '-',
  to = '-',
  note = '',
}: PromptLabelChange): readonly string[] {
  return [timeOf(at), by, kind, label, `${from} > ${to}`, note];
}
