// A new model for some users first: more of them step by step, and nobody any more once it is shown to fail more often.
//
// What happens: `gpt-next` fails three times as often as `gpt-now`, 9 calls in 100 instead of 3. At 5 % of the users that
// cannot be seen yet; somewhere at 25 or 50 % the evidence is there, and everybody is back at `gpt-now`. A hash of the user
// decides who gets it, and whoever does, keeps it as it grows. By hand: `rollout.promote({ by })` and `rollout.abort({ by })`.
// In your own code leave `apiKey` and `fetch` out, and give a `state` that all processes share.
import OpenAI from 'openai';
import { ManagedLLM, canary, retry } from 'managed-llm';
import { standIn } from 'managed-llm/testing';

// Any pattern that repeats does for an example.
let asked = 0;
const provider = standIn({ keepRequests: 0 }).when(
  ({ model }) => (asked++ * 37) % 100 < (model === 'gpt-next' ? 9 : 3),
  { status: 500 },
);
const rollout = canary({
  name: 'next',
  canary: { model: 'openai/gpt-next' },
  guard: { errorRate: { tolerated: 1, harmful: 2 } },
});
const llm = new ManagedLLM({
  providers: { openai: new OpenAI({ apiKey: 'none', fetch: provider.fetch }) },
  // A retry would hide most of them, which counts: what fails is what the caller is told.
  interceptors: [rollout, retry({ maxAttempts: 1 })],
});
llm.on('canary:change', ({ to, percent, reason }) => console.log(`${to}, ${percent} %: ${reason}`));

let { phase } = await rollout.status();
for (let user = 0; user < 20_000 && phase === 'ramping'; user++) {
  // The application deals with its errors as ever.
  await llm
    .chat({ model: 'openai/gpt-now', messages: 'Why is the sky blue?' }, { user: `user-${user}` })
    .catch(() => undefined);
  // It is told by itself, four times a second; here 20,000 users come in a moment.
  if (user % 50 === 0) ({ phase } = await rollout.status());
}

const { arms, percent } = await rollout.status();
await llm.close();
console.log(
  `In the end ${percent} % get it; ${arms.canary.calls} calls of it, ${arms.stable.calls} of stable`,
);
if (phase !== 'rolled-back') process.exitCode = 1;
