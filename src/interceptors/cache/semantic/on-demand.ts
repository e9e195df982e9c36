/** What only semantic caches need, loaded together when the first one is asked. */
export { memoryVectors } from '../../../vectors/memory/memory-vectors.ts';
export { SemanticAnswers } from './semantic-answers.ts';
