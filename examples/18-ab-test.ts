// From a string in the code to a prompt with versions, and an A/B test of two of them: do users like short answers better?
//
// What is tested: version 2 of the prompt `sky` (`short`) against version 1 (`control`), by the share of thumbs up. Who sees
// which: a hash of the user decides, so everybody stays with a version, in every process; `receipt.facts` tells the arm and the
// version. How to end it: take `experiment(…)` out of the list, and render the version that has won. To let everybody have it
// before that, give `weights: { control: 0 }`.
// In your own code leave `apiKey` and `fetch` out, and give a `state` that all processes share.
import OpenAI from 'openai';
import { ManagedLLM, definePrompt, experiment } from 'managed-llm';
import { standIn } from 'managed-llm/testing';

const provider = standIn();
// It was: messages: `Why is the sky ${colour}?`
const sky = definePrompt({ name: 'sky', version: '1', template: 'Why is the sky {{colour}}?' });
const brief = definePrompt({
  name: 'sky',
  version: '2',
  template: 'Why is the sky {{colour}}? Answer in one sentence.',
});
const length = experiment({
  name: 'length',
  arms: { control: {}, short: { prompt: brief } },
  decideBy: 'score',
});
const llm = new ManagedLLM({
  providers: { openai: new OpenAI({ apiKey: 'none', fetch: provider.fetch }) },
  models: { 'openai/gpt-6-luna': { price: { inputUsdPerMTok: 0.1, outputUsdPerMTok: 0.5 } } },
  interceptors: [length],
});

// Users who like short answers better: 80 of 100 instead of 50. Any pattern that repeats does for an example.
const likes = (user: number, arm: string | undefined): boolean => (user * 7) % 10 < (arm === 'short' ? 8 : 5);

let looks = 0;
for (let user = 0; user < 1_000; user++) {
  const { receipt } = await llm.chat(
    { model: 'openai/gpt-6-luna', prompt: sky, variables: { colour: 'blue' } },
    { user: `user-${user}` },
  );
  // Later, in whatever process has the button: the call's id is enough.
  const arm = receipt.facts.experiments?.[0]?.arm;
  await llm.feedback(receipt.callId, { score: likes(user, arm) ? 1 : 0 });

  // It may be looked at after every call: that does not make chance look like a difference.
  const { arms, decision } = await length.results();
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

const { decision } = await length.results();
await llm.close();
if (decision.take !== 'short') process.exitCode = 1;
