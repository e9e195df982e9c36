// Imports point one way. This reads every import, re-export, `import()` and `import('…')` type of the
// repository and says which of them the table below does not allow. (oxlint's `no-restricted-imports`
// sees specifiers, not the files they lead to, and no dynamic imports; cycles are oxlint's `import/no-cycle`.)
import { existsSync, globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import ts from 'typescript';

// Which layers a layer may import, besides its own folder. `own: 'room'` narrows "its own folder" to the
// folder one level further down: interceptors/throttle may not import interceptors/retry.
// `sdks`: whether a provider's SDK may be imported at all, for its types only, or freely.
const below = ['errors', 'core'];
const middle = [...below, 'dialects', 'estimates', 'pricing', 'state', 'prompts'];
const layers = {
  errors: { may: [], sdks: 'never' },
  core: { may: ['errors'], sdks: 'never' },
  dialects: { may: below, sdks: 'never' },
  estimates: { may: below, sdks: 'never' },
  pricing: { may: below, sdks: 'never' },
  state: { may: below, own: 'room', sdks: 'never' },
  prompts: { may: [...below, 'dialects', 'state'], sdks: 'never' },
  vectors: { may: [...below, 'state'], own: 'room', sdks: 'never' },
  experiments: { may: below, sdks: 'never' },
  canaries: { may: [...below, 'experiments'], sdks: 'never' },
  interceptors: {
    may: [...below, 'state', 'vectors', 'experiments', 'canaries'],
    own: 'room',
    sdks: 'never',
  },
  routes: { may: below, sdks: 'never' },
  providers: { may: middle, sdks: 'types' },
  neutral: { may: [...below, 'dialects', 'prompts'], sdks: 'never' },
  ungoverned: { may: below, sdks: 'never' },
  report: { may: [...below, 'experiments', 'canaries'], sdks: 'never' },
  cli: { may: [...below, 'state', 'prompts', 'report', 'canaries'], sdks: 'never' },
  // Files directly in src/: options.ts, managed-llm.ts and the entry points.
  root: {
    may: [
      ...middle,
      'vectors',
      'experiments',
      'canaries',
      'interceptors',
      'routes',
      'providers',
      'neutral',
      'ungoverned',
      'report',
      'cli',
    ],
    sdks: 'never',
  },
  testing: { may: [...middle, 'interceptors', 'routes', 'providers', 'root'], sdks: 'freely' },
};
const outside = ['examples', 'prove', 'bench'];
const sdk = /^(openai|ai|@anthropic-ai\/[^/]+|@ai-sdk\/[^/]+|@langchain\/[^/]+|@mistralai\/[^/]+)(\/|$)/;

function layerOf(file) {
  const [, layer] = file.split('/');
  return layer.includes('.') ? 'root' : layer;
}

// An entry point sits on top: nothing inside src imports it.
const exportsMap = JSON.parse(readFileSync('package.json', 'utf8')).exports;
const entryPoints = new Set(
  Object.values(exportsMap)
    .filter((target) => typeof target === 'object')
    .map((target) => target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts')),
);

function refusal(file, specifier, typeOnly) {
  const top = file.split('/')[0];
  const relativeImport = specifier.startsWith('.');

  if (outside.includes(top)) {
    if (!relativeImport) return undefined;
    const target = join(dirname(file), specifier).split(sep).join('/');
    return target.startsWith(`${top}/`)
      ? undefined
      : `${top}/ imports the package by its name, as its users do, never ${target}`;
  }

  const layer = layerOf(file);
  const rule = layers[layer];
  if (rule === undefined) return `src/${layer}/ is no layer of scripts/check-imports.mjs yet: add it there`;

  if (!relativeImport) {
    if (isBuiltin(specifier)) return undefined;
    if (/^managed-llm(\/|$)/.test(specifier)) return 'src does not import itself by its own name';
    if (!sdk.test(specifier) || rule.sdks === 'freely') return undefined;
    if (rule.sdks === 'never') return `${layer} never imports an SDK; only src/providers does, for its types`;
    return typeOnly ? undefined : `${layer} imports an SDK with \`import type\` only`;
  }

  const target = join(dirname(file), specifier).split(sep).join('/');
  if (!target.startsWith('src/')) {
    return target === 'package.json' ? undefined : `src never imports ${target}`;
  }
  const targetLayer = layerOf(target);
  if (targetLayer !== layer || layer === 'root') {
    if (targetLayer === 'testing') return 'nothing in src imports src/testing';
    if (entryPoints.has(target) && layer !== 'testing') {
      // An entry may stand beside its implementation, but nobody reaches for the entry itself.
      return `${target} is an entry point: import the file that has the thing itself`;
    }
    if (targetLayer === layer) return undefined;
    return rule.may.includes(targetLayer)
      ? undefined
      : `${layer} may import ${[...rule.may, 'its own folder'].join(', ')}, not ${targetLayer}`;
  }
  if (rule.own === 'room') {
    const room = (path) => path.split('/').slice(0, 3).join('/');
    // A file directly in the layer's folder is a room by itself, open to its neighbours.
    const shared = target.split('/').length === 3;
    if (!shared && room(file) !== room(target)) return `${room(file)} does not import ${room(target)}`;
    if (shared && layer === 'interceptors')
      return 'interceptors share code through src/core, not beside each other';
  }
  return undefined;
}

function importsOf(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found = [];
  const add = (node, literal, typeOnly) => {
    if (literal === undefined || !ts.isStringLiteralLike(literal)) return;
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    found.push({ specifier: literal.text, typeOnly, line: line + 1 });
  };
  const visit = (node) => {
    if (ts.isImportDeclaration(node)) {
      // verbatimModuleSyntax keeps `import { type A } from 'x'` at run time: only `import type` counts.
      add(node, node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (ts.isExportDeclaration(node)) {
      add(node, node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isImportTypeNode(node)) {
      add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const files = ['src', ...outside]
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => globSync(`${folder}/**/*.{ts,mts,js,mjs}`))
  .map((file) => relative('.', file).split(sep).join('/'));

const refused = [];
for (const file of files) {
  for (const { specifier, typeOnly, line } of importsOf(file)) {
    const why = refusal(file, specifier, typeOnly);
    if (why !== undefined) refused.push(`${file}:${line}  '${specifier}'\n    ${why}`);
  }
}

if (refused.length > 0) {
  console.error(refused.join('\n'));
  console.error(`\n${refused.length} imports against the direction`);
  process.exit(1);
}
console.log(`imports: ${files.length} files, all in one direction`);
