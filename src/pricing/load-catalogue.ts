import { Catalogue } from './catalogue.ts';
import type { Report } from './on-demand-pricing.ts';
import { overlay } from './overlay.ts';
import type { Provider } from '@pydantic/genai-prices';

/** The release whose data our overlay was last compared with. */
export const dataRelease = { source: '@pydantic/genai-prices', version: '0.1.8', asOf: '2026-09-23' };

let loading: Promise<Catalogue> | undefined;

/** The catalogue of this process: read once. Without the package it has only the overlay's own models, which is reported. */
export async function loadCatalogue(report: Report): Promise<Catalogue> {
  loading ??= read();
  try {
    return await loading;
  } catch (thrown) {
    loading = undefined;
    report(thrown, 'reading the prices of @pydantic/genai-prices');
    return new Catalogue([], overlay, dataRelease);
  }
}

/** As it is now: an application may have given the package newer data (`updatePrices`). */
async function read(): Promise<Catalogue> {
  const { waitForUpdate } = await import('@pydantic/genai-prices');
  const providers: readonly Provider[] = (await waitForUpdate()) ?? [];
  return new Catalogue(providers, overlay, dataRelease);
}
