import { mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';
import type { Mutant } from './prove/mutants/mutant.ts';

const given = process.env['MANAGED_LLM_MUTANT'];
const mutant = given === undefined ? undefined : (JSON.parse(given) as Mutant);

/** The project's own tests, on a source in which one passage reads otherwise. */
export default mergeConfig(base, {
  // Transformed modules are kept between runs by the text of their file: a mutant would get the sound one.
  test: { fsModuleCache: false },
  plugins:
    mutant === undefined
      ? []
      : [
          {
            name: 'mutant',
            enforce: 'pre',
            transform(code: string, id: string) {
              if (!id.endsWith(`/${mutant.file}`)) return undefined;
              return { code: code.replace(mutant.find, () => mutant.replace), map: null };
            },
          },
        ],
});
