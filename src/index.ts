export { ManagedLLM, manage } from './managed-llm.ts';
export type {
  Clients,
  Governed,
  ManageOptions,
  Providers,
  Tracked,
  TrackedSettlement,
} from './managed-llm.ts';
export type { ManagedLLMOptions, ModelOf, RoutesOf, TargetOf } from './options.ts';
export { tool } from './neutral/tool.ts';
export type { ArgumentsOf, Tool, ToolContext, ToolOptions } from './neutral/tool.ts';
export type { ChatEvent, ChatStream } from './neutral/chat-stream.ts';
export type { Embeddings } from './neutral/embed.ts';
export type { NeutralApi } from './neutral/face.ts';
export type { ObjectReply } from './neutral/object.ts';
export type { ChatReply, Step, Turn } from './neutral/reply.ts';
export type {
  AnswerRequest,
  AnyPrompt,
  CallOptions,
  ChatRequest,
  EmbedRequest,
  ObjectRequest,
  OutputIn,
  Prompted,
  PromptedObject,
  StreamRequest,
} from './neutral/request.ts';
export type {
  InferInput,
  InferOutput,
  Issue,
  JsonSchema,
  StandardIssue,
  StandardResult,
  StandardSchemaV1,
} from './core/standard-schema.ts';
export type {
  CitationEvent,
  ErrorEvent,
  FinishEvent,
  ForeignEvent,
  NeutralEvent,
  PartEnd,
  StartEvent,
  TextDelta,
  ToolCallDelta,
  ToolCallEvent,
  ToolCallStart,
} from './dialects/neutral/event.ts';
export type { Extras } from './dialects/neutral/extras.ts';
export type {
  AssistantMessage,
  AssistantPart,
  Citation,
  FilePart,
  ForeignPart,
  ImagePart,
  MediaSource,
  Message,
  Part,
  ReasoningPart,
  RefusalPart,
  SystemMessage,
  TextPart,
  ToolCallPart,
  ToolMessage,
  ToolResultPart,
  UserMessage,
  UserPart,
} from './dialects/neutral/message.ts';
export type { NeutralReply, Stop, StopReason } from './dialects/neutral/reply.ts';
export type {
  NeutralRequest,
  OutputFormat,
  Reasoning,
  ToolChoice,
  ToolDefinition,
} from './dialects/neutral/request.ts';
export { definePrompt, promptFromJSON } from './prompts/define-prompt.ts';
export type { DefinitionProblems, OutputOf } from './prompts/define-prompt.ts';
export type {
  PromptDefinition,
  PromptMessage,
  PromptOutput,
  PromptParameters,
} from './prompts/definition.ts';
export type { PromptImage, PromptImageType } from './prompts/image.ts';
export type { Prompt, PromptJson } from './prompts/prompt.ts';
export type { RenderedMessage, Rendering } from './prompts/rendering.ts';
export { untrusted, type Untrusted } from './prompts/untrusted.ts';
export type { PromptValue, UntypedVariables, VariablesOf } from './prompts/variables.ts';
export { experiment, type Experiment } from './interceptors/experiment/index.ts';
export type { ExperimentMetric } from './experiments/metrics.ts';
export type { ExperimentArm } from './experiments/arm.ts';
export type { SubjectOption } from './experiments/subject.ts';
export type { ExperimentOptions } from './interceptors/experiment/options.ts';
export type {
  ArmResult,
  Comparison,
  ExperimentResults,
  FirstCallsResult,
  MetricResult,
} from './experiments/results.ts';
export { canary, type Canary, type CanaryByHand } from './interceptors/canary/index.ts';
export type { CanaryOptions } from './interceptors/canary/options.ts';
export type { CanaryGuards, CanaryRatio, CanaryScoreLoss } from './interceptors/canary/guards.ts';
export { canaryStatuses } from './canaries/directory.ts';
export { Assignment, type Share } from './experiments/assignment.ts';
export { Matching, type MatchedSet } from './experiments/matched-sets.ts';
export { compareMeans, meanOf, type Mean, type MeanDifference, type Moments } from './experiments/mean.ts';
export { kindOfSet, oddsEvidence, type Evidence, type SetCounts } from './experiments/odds-evidence.ts';
export { rateOf, type Rate } from './experiments/rate.ts';
export type { Feedback, FeedbackOf } from './feedback.ts';
export { memoryState, type MemoryStateOptions } from './state/memory/memory-state.ts';
export { memoryVectors } from './vectors/memory/memory-vectors.ts';
export type { MemoryVectorsOptions } from './vectors/memory-vectors-options.ts';
export { foreign, pool, provider } from './providers/declaration.ts';
export type {
  Caller,
  ClientOf,
  ForeignDeclaration,
  PoolDeclaration,
  ProviderClient,
  ProviderDeclaration,
  ProviderFunction,
  ProviderInput,
  ProviderOptions,
} from './providers/declaration.ts';
export type { GovernedFetch } from './providers/fetch/governed-fetch.ts';
export { balance } from './routes/balance.ts';
export type { BalanceOptions } from './routes/balance.ts';
export type { CallMatch, OneOf } from './core/call-match.ts';
export type { AnyChoice, NamesIn } from './routes/choices.ts';
export { fallback } from './routes/fallback.ts';
export type { FallbackOptions } from './routes/fallback.ts';
export { hedge } from './routes/hedge.ts';
export type { HedgeOptions } from './routes/hedge.ts';
export { pick } from './routes/pick.ts';
export type { PickOptions } from './routes/pick-options.ts';
export type { TimeOfDay } from './core/time-of-day.ts';
export { when } from './routes/when.ts';
export type { WhenOptions, WhenRule } from './routes/when.ts';
export { findModels, modelOf } from './models.ts';
export type { ModelEntry, ModelQuery, ModelSearch, ModelSource } from './models.ts';
export type { QuirksName } from './providers/quirks.ts';
export { costOf, priceOf } from './pricing/price-of.ts';
export type {
  CostItem,
  ModelPrice,
  ModelPriceQuery,
  PriceFactor,
  PriceQuery,
  PriceSource,
  UsageCost,
} from './pricing/price-of.ts';
export type {
  DatedPrice,
  ModelFacts,
  ModelsOption,
  Price,
  PricesOptions,
  Rates,
  RatesAbove,
} from './pricing/models-option.ts';
export { breaker, type Breaker } from './interceptors/breaker/index.ts';
export type {
  CircuitChange,
  CircuitState,
  HealthChange,
  KillChange,
} from './interceptors/breaker/health-change.ts';
export type { HealthStatus, TargetHealth } from './interceptors/breaker/health-status.ts';
export type { Kill, KillScope } from './interceptors/breaker/kill-switch.ts';
export type { BreakerOptions } from './interceptors/breaker/options.ts';
export { budget, type Budget } from './interceptors/budget/index.ts';
export type {
  CeilingOptions,
  OnUnknownPrice,
  SetAsideOptions,
  StatedPrice,
} from './interceptors/budget/ceiling-options.ts';
export type {
  BudgetCovers,
  BudgetedCall,
  BudgetLimit,
  BudgetLimits,
  BudgetOptions,
  BudgetPart,
  BudgetPer,
  BudgetRaise,
} from './interceptors/budget/options.ts';
export type { BudgetStatus, BudgetSubject, LostSpend } from './interceptors/budget/status.ts';
export type { BudgetWindow } from './interceptors/budget/windows.ts';
export { cache, type Cache } from './interceptors/cache/index.ts';
export type { ComparedQuestion, SemanticExplanation } from './interceptors/cache/semantic/compared.ts';
export type { Difference, DifferenceKind } from './interceptors/cache/semantic/difference.ts';
export type { Embed, QuestionPair, SemanticOptions, Verify } from './interceptors/cache/semantic/options.ts';
export type { CacheOptions, KeyvStore } from './interceptors/cache/options.ts';
export type { Invalidation } from './interceptors/cache/invalidation.ts';
export { promptCaching } from './interceptors/prompt-caching/index.ts';
export type {
  AnthropicCaching,
  OpenAICaching,
  PromptCachingOptions,
} from './interceptors/prompt-caching/options.ts';
export { receipts, type Receipts } from './interceptors/receipts/index.ts';
export type { ReceiptDimension } from './interceptors/receipts/dimensions.ts';
export type { ReceiptExport } from './interceptors/receipts/export.ts';
export type { DimensionValue, ReceiptRow } from './interceptors/receipts/grouping.ts';
export type { ReceiptsOptions } from './interceptors/receipts/options.ts';
export type { ReceiptQuery } from './interceptors/receipts/query.ts';
export type { ReceiptSelection } from './interceptors/receipts/selection.ts';
export { retry, type Retry, type RetryStatus } from './interceptors/retry/index.ts';
export type { RetryOptions } from './interceptors/retry/options.ts';
export { throttle } from './interceptors/throttle/index.ts';
export { limit } from './interceptors/throttle/limit.ts';
export type { Limit, LimitCaller, LimitWindowStatus } from './interceptors/throttle/limit.ts';
export type { LimitOptions } from './interceptors/throttle/limit-options.ts';
export type { Throttle } from './interceptors/throttle/index.ts';
export type { LimitsByName, ThrottleOptions } from './interceptors/throttle/options.ts';
export type { BucketLimit, ThrottleLimits } from './interceptors/throttle/limits.ts';
export type { LimiterStatus, LimitStatus } from './interceptors/throttle/status.ts';
export { consoleTelemetry } from './interceptors/telemetry/console-telemetry.ts';
export type { ConsoleTelemetryOptions } from './interceptors/telemetry/console-telemetry.ts';
export { timeLimits } from './interceptors/time-limits/index.ts';
export type {
  TargetTimeLimits,
  TimeLimitsByTarget,
  TimeLimitsOptions,
} from './interceptors/time-limits/options.ts';
export { ManagedLLMError } from './errors/managed-llm-error.ts';
export type { ManagedLLMErrorInit } from './errors/managed-llm-error.ts';
export type { ErrorCode } from './errors/codes.ts';
export { failureKinds } from './core/call-error.ts';
export type { CallError, FailureKind, FailureTraits } from './core/call-error.ts';
export type { ClassifiableFailure, ClassifiableKind, Classification, Classify } from './core/classifier.ts';
export type {
  Account,
  AccountClaim,
  AccountRecord,
  Accounts,
  AccountWindow,
  Amounts,
  Balance,
  LostReservation,
  Reserved,
} from './core/accounts.ts';
export type { AttemptLimits } from './core/attempt-limits.ts';
export type { CacheFact, CacheItems, CacheStatus } from './core/cache-fact.ts';
export type { SemanticFact, SemanticVerdict } from './core/semantic-fact.ts';
export type { CacheMode, CacheSettings } from './core/cache-settings.ts';
export type { CacheStore } from './core/cache-store.ts';
export type { CachingFigures } from './core/caching-figures.ts';
export type { ItemAnswer, ItemsLens, RequestItem, SplitRequest, ToldOfItems } from './core/items-lens.ts';
export type { Call, CallChanges, RetryWish } from './core/call.ts';
export type { Ceiling, CeilingItem } from './core/ceiling.ts';
export type { Clock, Timer } from './core/clock.ts';
export type {
  AnswerEnding,
  Dialect,
  DialectId,
  ErrorLens,
  LastQuestion,
  Operation,
  ReplyLens,
  RequestLens,
  StreamCodec,
  StreamLens,
  TextMap,
  TextPiece,
  TextSlot,
} from './core/dialect.ts';
export type { Documents, VersionedText, Written } from './core/documents.ts';
export type { ByteSource, Emit, EventStream, ReadResult, StreamTransform } from './core/event-stream.ts';
export type {
  AttemptEnd,
  BudgetAlert,
  CallFeedback,
  CanaryChange,
  AttemptStart,
  CallStart,
  HookListener,
  HookName,
  HookPayloads,
  StreamFirstEvent,
} from './core/hooks.ts';
export type { Endpoint } from './core/entry.ts';
export type {
  Estimates,
  FileMeasure,
  ImageMeasure,
  RequestMeasure,
  ServerTool,
  Tokenizer,
  UsageEstimate,
} from './core/estimates.ts';
export type { CanaryPlace } from './core/canary-fact.ts';
export type {
  CanaryArmStatus,
  CanaryGuardName,
  CanaryGuardStatus,
  CanaryPhase,
  CanaryStatus,
  CanaryStep,
} from './core/canary-status.ts';
export type { PlainArm } from './core/plain-arm.ts';
export type { AssignedBy, Exposure } from './core/experiment-fact.ts';
export type { ParametersLens, RequestParameters } from './core/parameters-lens.ts';
export type { ExpectedUsage } from './core/expected-usage.ts';
export type { Destination, Finish } from './core/finish.ts';
export type { HeldTurns } from './core/held-turns.ts';
export type { Host, Interceptor, NestedRequest, Next, Readiness, Stage } from './core/interceptor.ts';
export type { SlotMapper, TextMapper } from './core/mapped-text.ts';
export type { Moment } from './core/moment.ts';
export type { OnUnsupported, Quirks } from './core/provider.ts';
export type { AttemptPromptCacheUse, PromptCacheFact, PromptCacheUse } from './core/prompt-cache-fact.ts';
export type { PromptFact } from './core/prompt-fact.ts';
export { promptOf, type CarriedPrompt, type PromptMark } from './core/prompt-mark.ts';
export { rendered } from './core/rendered.ts';
export type {
  Breakpoints,
  CacheHints,
  CacheLifetime,
  CacheRetention,
  LongEnough,
  PromptCacheLens,
} from './core/prompt-cache-lens.ts';
export type { ModelTraits, PricedModel, Pricing, UsageBound } from './core/pricing.ts';
export type { Capabilities, Capability } from './core/capabilities.ts';
export type { Retirement } from './core/retirement.ts';
export type { Receipt, ReceiptAttempt, ReceiptError } from './core/receipt.ts';
export type { ReceiptFigures } from './core/receipt-figures.ts';
export type { ReceiptFilter, ReceiptLog } from './core/receipt-log.ts';
export type { Replies, Reply, ToldAnswer } from './core/reply.ts';
export type { ExplainedChoice, Explanation } from './core/explanation.ts';
export type { CallEstimate, EstimateRequest, TargetEstimate } from './estimate.ts';
export type { AskedRequest } from './asked-call.ts';
export type { ExplainRequest } from './explain.ts';
export type { AskHow, Choice, Load, Route, RouteFact, RouteHost, RouteTurn } from './core/route.ts';
export { noteShadow } from './core/run.ts';
export type { AttemptView, Facts, Run, ShadowDecision } from './core/run.ts';
export type { SpendBasis, SpendFact } from './core/spend-fact.ts';
export type { CallSettings, Priority } from './core/settings.ts';
export type {
  Bucket,
  Ledger,
  LedgerFacts,
  Limiters,
  SharedLimiter,
  SharedLimits,
  State,
  Take,
  Taken,
} from './core/state.ts';
export type { Billed, Origin, Outcome, Settlement, SettlementListener } from './core/settlement.ts';
export { StreamEvent } from './core/stream-event.ts';
export type { Sums, Tallies } from './core/tallies.ts';
export type { Target } from './core/target.ts';
export type { Loss } from './core/translation.ts';
export type { Usage } from './core/usage.ts';
export type { Neighbour, Vector, VectorStore } from './core/vector-store.ts';
export {
  watchUngoverned,
  type UngovernedRequest,
  type UngovernedTally,
  type UngovernedWatch,
  type WatchUngovernedOptions,
} from './ungoverned/watch-ungoverned.ts';
