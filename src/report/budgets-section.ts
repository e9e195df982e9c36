import type { AccountWindow, LostReservation } from '../core/accounts.ts';
import {
  shareTaken,
  subjectText,
  type BudgetLevel,
  type BudgetOverview,
  type Budgets,
  type LimitLevel,
} from './budgets.ts';
import { count, duration, money, none, percent, shortCount, type Moments } from './format.ts';
import { html, type Html } from './html.ts';
import type { ReportFacts } from './report-facts.ts';
import { nameMarkup } from './shown-name.ts';

/** How full budgets are, and what was lost with processes that stopped; nothing where there are none. */
export function budgetsSection({ budgets, moments }: ReportFacts): Html | undefined {
  if (budgets === undefined) return undefined;
  return html`<section aria-labelledby="budgets">
    <h2 id="budgets">Budgets</h2>
    <p>As they stood on ${moments.minute(budgets.at)}, whatever time this page is about.</p>
    <div class="columns">${budgets.budgets.map((budget) => budgetTable(budget, moments))}</div>
    ${budgets.lostCount > 0 && lostTable(budgets, moments)}
  </section>`;
}

function budgetTable({ name, levels, count: all }: BudgetOverview, moments: Moments): Html {
  const rows = levels.flatMap((level) => level.limits.map((limit) => row(level, limit, moments)));
  const isCut = levels.length < all;
  return html`<div class="block">
    <h3>${nameMarkup(name)}</h3>
    <div class="wide" tabindex="0" role="region" aria-label="Budget">
      <table class="budget">
        <caption>
          ${isCut ? `The ${levels.length} fullest of ${count(all)}` : 'All that is counted now'}
        </caption>
        <thead>
          <tr>
            <th scope="col">For</th>
            <th scope="col">Taken</th>
            <th scope="col">Used</th>
            <th scope="col">Reserved</th>
            <th scope="col">Limit</th>
            <th scope="col">Resets</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </div>`;
}

function row({ account, isRaised }: BudgetLevel, level: LimitLevel, moments: Moments): Html {
  const { used, reserved, limit, measure } = level;
  const amount = (value: number): string =>
    measure === 'usd' ? money(value) : `${shortCount(value)} tokens`;
  const who = account.subject === '' ? html`everybody` : nameMarkup(subjectText(account.subject));
  return html`<tr>
    <th scope="row">${who}${limit !== undefined && meter(level)}</th>
    <td>${limit === undefined ? none : percent(used + reserved, limit)}</td>
    <td>${amount(used)}</td>
    <td>${amount(reserved)}</td>
    <td>${limit === undefined ? 'none' : amount(limit)}${isRaised && ' (raised)'}</td>
    <td>${resets(account.window, moments)}</td>
  </tr> `;
}

function resets(window: AccountWindow, moments: Moments): string {
  if (window.kind === 'rolling') return `rolling, ${duration(window.lengthMs)}`;
  return window.endMs === undefined ? 'never by itself' : moments.minute(window.endMs);
}

/** What is used, and behind it what is reserved, of the limit. */
function meter(level: LimitLevel): Html {
  const { used, limit = 0 } = level;
  const taken = Math.min(1, shareTaken(level));
  const usedShare = Math.min(taken, limit > 0 ? used / limit : 1);
  const colour = taken >= 1 ? 6 : taken >= 0.8 ? 2 : 1;
  const width = (share: number): string => (100 * share).toFixed(1);
  return html`<svg class="bar meter" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
    <path class="rest" d="M0 0h100v1H0z" />
    <path class="f${colour} reserved" d="M0 0h${width(taken)}v1H0z" />
    <path class="f${colour}" d="M0 0h${width(usedShare)}v1H0z" />
  </svg>`;
}

function lostTable({ lost, lostCount }: Budgets, moments: Moments): Html {
  const rows = lost.map(
    (reservation) =>
      html`<tr>
        <th scope="row">${moments.minute(reservation.lostAt)}</th>
        <td>${largest(reservation)}</td>
        <td>${claimed(reservation)}</td>
        <td><code>${nameMarkup(reservation.id)}</code></td>
      </tr> `,
  );
  return html`<div class="block">
    <h3>Lost reservations</h3>
    <p>
      Their processes stopped before it was known what was spent. They count as used until they are released
      by hand.
    </p>
    <div class="wide" tabindex="0" role="region" aria-label="Lost reservations">
      <table>
        <caption>
          ${lost.length < lostCount ? `The newest ${lost.length} of ${count(lostCount)}` : 'All of them'}
        </caption>
        <thead>
          <tr>
            <th scope="col">Lost</th>
            <th scope="col">At most</th>
            <th scope="col">Budgets</th>
            <th scope="col">Id</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </div>`;
}

function largest({ claims }: LostReservation): string {
  return money(Math.max(0, ...claims.map(({ amounts }) => amounts.nanoUsd)));
}

function claimed({ claims }: LostReservation): readonly Html[] {
  return claims.map(({ account: { budget, subject } }, index) => {
    const who = subject === '' ? undefined : html` (${nameMarkup(subjectText(subject))})`;
    return html`${index > 0 && ', '}${nameMarkup(budget)}${who}`;
  });
}
