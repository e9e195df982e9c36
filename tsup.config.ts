import { defineConfig } from 'tsup';

// One entry per subpath of package.json's exports map; scripts/check-package.mjs compares the two.
const exported = {
  index: 'src/index.ts',
  postgres: 'src/postgres.ts',
  prompts: 'src/prompts.ts',
  redis: 'src/redis.ts',
  report: 'src/report.ts',
  sqlite: 'src/sqlite.ts',
  vectors: 'src/vectors.ts',
  'testing/index': 'src/testing/index.ts',
};

// What `bin` names is run, not imported: it has no declarations.
const entry = { ...exported, cli: 'src/cli.ts' };

export default defineConfig((options) => ({
  entry,
  format: 'esm',
  target: 'node22',
  platform: 'node',
  splitting: true,
  // What is read at import is compiled at import. Names stay, for stack traces.
  esbuildOptions(esbuild) {
    esbuild.minifyWhitespace = true;
    esbuild.minifySyntax = true;
  },
  sourcemap: true,
  clean: true,
  // `tsup --no-dts` is the quick build used before demo, prove and bench.
  // What is marked `@internal` would take half of the engine's types into the declarations.
  dts: options.dts ?? { entry: exported, compilerOptions: { stripInternal: true, incremental: false } },
  // Bundled: imported as a package, zod costs 40 to 60 ms at start; zod/mini inside the bundle costs 4.
  noExternal: ['zod'],
}));
