export { promptFolder, type PromptFolderOptions } from './prompts/folder/prompt-folder.ts';
export {
  promptRegistry,
  type GetPromptOptions,
  type LabelOptions,
  type PromptHistory,
  type PromptRegistry,
  type PromptVersionInfo,
} from './prompts/registry/prompt-registry.ts';
export {
  diffPrompts,
  type PromptDiff,
  type PromptMessageChange,
  type PromptValueChange,
} from './prompts/registry/diff-prompts.ts';
export type { PromptLabelChange } from './prompts/registry/label-book.ts';
export type { LineChange } from './prompts/registry/line-changes.ts';
export type { PromptRegistryOptions } from './prompts/registry/options.ts';
export type {
  PromptLoader,
  PromptLoadOptions,
  PromptsServed,
  PromptSource,
} from './prompts/registry/source.ts';
