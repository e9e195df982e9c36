export {
  describeInterceptorContract,
  type ContractRunner,
  type InterceptorSubject,
} from './interceptor-contract.ts';
export type { ContractSdk } from './contract-call.ts';
export { manualClock, type ManualClock } from './manual-clock.ts';
export { recordTo } from './record.ts';
export { replayFrom } from './replay.ts';
export { describeStateContract, type StateStore, type StateSubject } from './state-contract/index.ts';
export { standIn, type StandIn, type StandInOptions } from './stand-in.ts';
export type { StopReason } from './answer.ts';
export type { ModelBooks, ModelPrice } from './books.ts';
export type { StandInError } from './provider-error.ts';
export type { StandInRateLimit } from './rate-limit.ts';
export type { ReceivedRequest } from './received-request.ts';
export type {
  InBandError,
  Reply,
  RequestMatch,
  RequestPredicate,
  RuleOptions,
  ScriptedReply,
  ScriptedToolCall,
  ScriptedUsage,
} from './script.ts';
export type { StandInServer } from './server.ts';
export { countTokens } from './word-count.ts';
export {
  describeVectorStoreContract,
  type OpenVectorStore,
  type VectorStoreSubject,
} from './vector-contract/index.ts';
