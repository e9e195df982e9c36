// Compares the overlay of prices with the installed data: says what is stale, what is missing and what is old. Offline;
// a report, never a failure.
import { readFileSync } from 'node:fs';
import { waitForUpdate } from '@pydantic/genai-prices';
import { Catalogue } from '../src/pricing/catalogue.ts';
import { dataRelease } from '../src/pricing/load-catalogue.ts';
import { overlay } from '../src/pricing/overlay.ts';
import { emptyOverlay } from '../src/pricing/overlay/rows.ts';
import { pricesReport } from './prices-report.ts';
import { endsInOpenai, endsInTable } from './sdk-ends.ts';

/** The ids in the declarations of types. */
function idsIn(file: string, types: readonly string[]): readonly string[] {
  const text = readFileSync(`node_modules/${file}`, 'utf8');
  return types.flatMap((type) => {
    const declared = new RegExp(`export type ${type} = ([^;]*);`).exec(text)?.[1] ?? '';
    return [...declared.matchAll(/'([^']+)'/g)].flatMap(([, id]) => (id === undefined ? [] : [id]));
  });
}

function versionOf(name: string): string {
  const manifest: unknown = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  return String((manifest as { readonly version: string }).version);
}

const providers = (await waitForUpdate()) ?? [];
const parts = pricesReport({
  data: new Catalogue(providers, emptyOverlay, dataRelease),
  catalogue: new Catalogue(providers, overlay, dataRelease),
  overlay,
  sdkIds: {
    openai: [
      ...idsIn('openai/resources/shared.d.ts', ['AllModels', 'ChatModel']),
      ...idsIn('openai/resources/embeddings.d.ts', ['EmbeddingModel']),
    ],
    anthropic: idsIn('@anthropic-ai/sdk/resources/messages/messages.d.ts', ['Model']),
  },
  sdkEnds: {
    openai: endsInOpenai('node_modules/openai'),
    anthropic: endsInTable(
      readFileSync('node_modules/@anthropic-ai/sdk/resources/messages/messages.js', 'utf8'),
    ),
  },
  today: Date.now(),
});

const rows = Object.entries(overlay).map(([kind, all]) => `${kind} ${(all as readonly unknown[]).length}`);
console.log(`overlay: ${rows.join(', ')}`);
const installed = versionOf('@pydantic/genai-prices');
const compared =
  installed === dataRelease.version
    ? 'the release it was last compared with'
    : `last compared with ${dataRelease.version}`;
console.log(`data: @pydantic/genai-prices ${installed}, ${compared}`);
console.log(`types: openai ${versionOf('openai')}, @anthropic-ai/sdk ${versionOf('@anthropic-ai/sdk')}`);
for (const { title, lines } of parts) {
  console.log(`\n${title}: ${lines.length === 0 ? 'none' : lines.length}`);
  for (const line of lines) console.log(`  ${line}`);
}
