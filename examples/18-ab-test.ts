// From a string in the code to a prompt with versions, and an A/B test of two of them: do users like short answers better?
//
// What is tested: version 2 of the prompt `sky` (the arm `short`) against version 1 (`control`: calls are made as written, with
// `skyV1`), by the share of thumbs up. Only calls that were rendered from `sky` are in it.
// Who sees which: a hash of the call's `user` decides, half and half, so everybody stays with a version, in every process, and
// nothing is kept for that. Calls without a user are made as written. `receipt.facts.experiments` tells the arm,
// `receipt.facts.prompt` the version.
// Who comes back, tomorrow or on another server, gets the same again as long as name, arms and weights stay.
// When it is known: `decision.take` is `short` or `control` once the evidence is 20 to 1 (`alpha`, by default 0.05). It may be looked
// at after every call, from any process: the evidence allows for that. Of each user one call counts. If the two are alike `take` stays
// unset: once you have waited for as many users as you care to, end it with the one you like better.
// How to end it, with your next release: if `short` has won, write `prompt: skyV2` in the call and take the experiment out of
// `interceptors`; if `control` has, only take it out. Then everybody gets the winner, calls without a user as well.
// In your own code leave `apiKey` and `fetch` out, and give `ManagedLLM` a state that all processes share, such as
// `state: redisState({ client })` of `managed-llm/redis`: who is in which arm needs none, but counts and feedback are kept there, and
// without it in this process alone.
import OpenAI from 'openai';
import { ManagedLLM, definePrompt, experiment } from 'managed-llm';
import { standIn } from 'managed-llm/testing';

const provider = standIn();
// What stood in the call below was: messages: `Why is the sky ${colour}?`
const skyV1 = definePrompt({ name: 'sky', version: '1', template: 'Why is the sky {{colour}}?' });
const skyV2 = definePrompt({
  name: 'sky',
  version: '2',
  template: 'Why is the sky {{colour}}? Answer in one sentence.',
});
const brevity = experiment({
  name: 'brevity',
  // Half and half, but for `weights: { control: 9, short: 1 }`.
  arms: { control: {}, short: { prompt: skyV2 } },
  // What `llm.feedback` says below.
  decideBy: 'score',
});
const llm = new ManagedLLM({
  providers: { openai: new OpenAI({ apiKey: 'none', fetch: provider.fetch }) },
  models: { 'openai/gpt-6-luna': { price: { inputUsdPerMTok: 0.1, outputUsdPerMTok: 0.5 } } },
  interceptors: [brevity],
});

// In place of real users: 80 of 100 like a short answer, 50 of 100 the other.
const likes = (user: number, arm: string | undefined): boolean => (user * 7) % 10 < (arm === 'short' ? 8 : 5);

let looks = 0;
for (let user = 0; user < 1_000; user++) {
  const { receipt } = await llm.chat(
    { model: 'openai/gpt-6-luna', prompt: skyV1, variables: { colour: 'blue' } },
    { user: `user-${user}` },
  );
  // Your page would send `receipt.callId` back with the thumb, to any process that shares the state. Higher scores are better.
  const arm = receipt.facts.experiments?.find((one) => one.experiment === 'brevity')?.arm;
  await llm.feedback(receipt.callId, { score: likes(user, arm) ? 1 : 0 });

  // It may be looked at after every call: that does not make chance look like a difference.
  const { arms, decision } = await brevity.results();
  looks += 1;
  if (decision.take === undefined) continue;
  for (const [name, { metrics }] of Object.entries(arms)) {
    const { n = 0, mean = 0, versusControl } = metrics.score ?? {};
    const evidence = versusControl === undefined ? '' : `, evidence ${versusControl.eValue.toFixed(0)} to 1`;
    console.log(`${name}: ${(100 * mean).toFixed(0)} % of ${n} liked it${evidence}`);
  }
  console.log(`After ${looks} users and as many looks: take \`${decision.take}\``);
  break;
}

const { decision } = await brevity.results();
await llm.close();
if (decision.take !== 'short') process.exitCode = 1;
