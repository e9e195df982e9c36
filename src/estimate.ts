import { callAsked, foundFor, type AskedRequest } from './asked-call.ts';
import type { Call } from './core/call.ts';
import type { RequestMeasure } from './core/estimates.ts';
import { explained, type Explanation } from './core/explanation.ts';
import { toUsd } from './core/nano-usd.ts';
import type { PricedModel } from './core/pricing.ts';
import { invalidOption } from './core/parse-options.ts';
import { serverToolRequests } from './core/server-tool-requests.ts';
import type { CallSettings } from './core/settings.ts';
import type { Target } from './core/target.ts';
import { unfit, type Lack } from './core/unfit.ts';
import { asRecord } from './dialects/record.ts';
import type { ManagedEngine } from './engine.ts';

/** What `llm.estimate` takes: a request of the neutral API, or the body of an SDK's request with its `provider`. */
export type EstimateRequest<M extends string = string, N extends string = string> = AskedRequest<M, N>;

/** What one attempt at one target is expected to use and to cost, and what it cannot exceed. */
export interface TargetEstimate {
  /** `provider/model`; of a pool, its member. */
  readonly target: string;
  /** As learnt from what was reported, else from the look of the texts and published formulas. */
  readonly inputTokens: number;
  /** All answers together: as learnt, within the limits of the request and of the model. */
  readonly outputTokens: number;
  /** `undefined` where nothing bounds it: a tool of the provider that may be used without end, a window that is not known. */
  readonly inputBound: number | undefined;
  /** By the request's limit, else by the model's. `undefined` where neither is known. */
  readonly outputBound: number | undefined;
  /** USD. Fees for tools of the provider are not in it, for nobody knows how often they will be used. `undefined`: no price is known. */
  readonly costUsd: number | undefined;
  /** The same in whole billionths of a USD. */
  readonly costNanoUsd: number | undefined;
  /** USD, at the dearest rate that each token may have, fees for tools included. `undefined`: nothing bounds it, or no price is known. */
  readonly costBoundUsd: number | undefined;
  readonly costBoundNanoUsd: number | undefined;
}

/** What a call is expected to use and to cost: at the target that would be asked first. */
export interface CallEstimate extends TargetEstimate {
  /** As asked for. */
  readonly model: string;
  /** The route that it names; `undefined` for a target. */
  readonly route: string | undefined;
  /** At the target of the route that can cost most. One whose cost nothing bounds comes before all whose cost something does. */
  readonly dearest: TargetEstimate;
  /** At each target that it may go to, in the order in which they would be tried. */
  readonly choices: readonly TargetEstimate[];
}

/** Throws `invalid-options` for a request that is none, and `unknown-target` and `no-model-fits` as the call itself would. */
export async function estimate(
  engine: ManagedEngine,
  request: EstimateRequest,
  settings: CallSettings,
): Promise<CallEstimate> {
  const call = callAsked(engine, 'estimate', request, settings);
  if (call.dialect.id === 'neutral' && asRecord(call.body)?.['messages'] === undefined)
    throw invalidOption('estimate.messages', 'is missing: it must be a text or a list of messages');
  const found = foundFor(engine, call);
  engine.estimates.want();
  await engine.pricing.load();
  const explanation = engine.ruleHost.quietly(() => explained(engine, found, call));
  const measure = call.dialect.request.measure(call.body);
  const estimates = new Map<string, TargetEstimate>();
  for (const { target, lacks } of explanation.choices)
    if (lacks === undefined && !estimates.has(target))
      estimates.set(target, estimateFor(engine, call, measure, target));
  const first = explanation.target === undefined ? undefined : estimates.get(explanation.target);
  if (first === undefined) throw unfit(call, lacksIn(explanation)).managed;
  const choices = [...estimates.values()];
  const dearest = choices.reduce((most, each) => (costMost(each) > costMost(most) ? each : most), first);
  return { ...first, model: explanation.model, route: explanation.route, dearest, choices };
}

function lacksIn({ choices }: Explanation): readonly Lack[] {
  return choices.flatMap(({ target, lacks }) => (lacks === undefined ? [] : [{ target, reason: lacks }]));
}

function estimateFor(
  engine: ManagedEngine,
  { operation, settings }: Call,
  measure: RequestMeasure,
  target: string,
): TargetEstimate {
  const model = engine.pricing.model(targetNamed(target), engine.clock.now(), settings);
  const expected = engine.estimates.estimate(targetNamed(target), measure, model.contextTokens);
  const { inputTokens, inputBound } = expected;
  const most = model.maxOutputTokens && model.maxOutputTokens * measure.answers;
  const isAnswered = operation === 'chat';
  const outputBound = isAnswered ? (expected.outputBound ?? most) : 0;
  const outputTokens = isAnswered ? Math.min(expected.outputTokens, most ?? Infinity) : 0;
  const costNanoUsd = expectedCost(model, measure, inputTokens, outputTokens);
  const costBoundNanoUsd = boundOf(model, measure, inputBound, outputBound);
  return {
    target,
    inputTokens,
    outputTokens,
    inputBound,
    outputBound,
    costNanoUsd,
    costUsd: costNanoUsd && toUsd(costNanoUsd),
    costBoundNanoUsd,
    costBoundUsd: costBoundNanoUsd && toUsd(costBoundNanoUsd),
  };
}

/** At the tier that is asked for; at the dearest where that has no rate of its own. */
function expectedCost(
  model: PricedModel,
  { serviceTier }: RequestMeasure,
  inputTokens: number,
  outputTokens: number,
): number | undefined {
  const tier = serviceTier === undefined ? {} : { serviceTier };
  return (
    model.cost({ inputTokens, outputTokens, ...tier, provenance: 'estimated' }) ??
    model.bound({ inputTokens, outputTokens, ...tier })
  );
}

function boundOf(
  model: PricedModel,
  { serverTools, serviceTier }: RequestMeasure,
  inputTokens: number | undefined,
  outputTokens: number | undefined,
): number | undefined {
  const requests = serverToolRequests(serverTools);
  if (inputTokens !== undefined && outputTokens !== undefined && requests !== undefined)
    return model.bound({ inputTokens, outputTokens, serverToolRequests: requests, serviceTier });
  // However much a free model is used.
  return model.bound({ inputTokens: 1, outputTokens: 1, serviceTier }) === 0 ? 0 : undefined;
}

function costMost({ costBoundNanoUsd = Infinity }: TargetEstimate): number {
  return costBoundNanoUsd;
}

/** Names of providers have no slash. */
function targetNamed(name: string): Target {
  const slash = name.indexOf('/');
  return { provider: name.slice(0, slash), model: name.slice(slash + 1) };
}
