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
import { html, type Html, type HtmlContent } from './html.ts';
import type { ReportFacts } from './report-facts.ts';
import { nameMarkup } from './shown-name.ts';
import { table } from './table.ts';

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
  return html`<div class="block">
    <h3>${nameMarkup(name)}</h3>
    ${table({
      label: 'Budget',
      caption:
        levels.length < all ? `The ${levels.length} fullest of ${count(all)}` : 'All that is counted now',
      heads: ['For', 'Taken', 'Used', 'Reserved', 'Limit', 'Resets'],
      rows: levels.flatMap((level) => level.limits.map((limit) => cells(level, limit, moments))),
    })}
  </div>`;
}

function cells(
  { account, isRaised }: BudgetLevel,
  level: LimitLevel,
  moments: Moments,
): readonly HtmlContent[] {
  const { used, reserved, limit, measure } = level;
  const amount = measure === 'usd' ? money : tokens;
  const who = account.subject === '' ? 'everybody' : nameMarkup(subjectText(account.subject));
  return [
    html`${who}${limit !== undefined && meter(level)}`,
    limit === undefined ? none : percent(used + reserved, limit),
    amount(used),
    amount(reserved),
    html`${limit === undefined ? 'none' : amount(limit)}${isRaised && ' (raised)'}`,
    resets(account.window, moments),
  ];
}

function tokens(value: number): string {
  return `${shortCount(value)} tokens`;
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
  return html`<div class="block">
    <h3>Lost reservations</h3>
    <p>
      Their processes stopped before it was known what was spent. They count as used until
      <code>release</code> of their budget gives them back.
    </p>
    ${table({
      label: 'Lost reservations',
      caption: lost.length < lostCount ? `The newest ${lost.length} of ${count(lostCount)}` : 'All of them',
      heads: ['Lost', 'At most', 'Budgets', 'Id'],
      rows: lost.map((reservation) => [
        moments.minute(reservation.lostAt),
        largest(reservation),
        claimed(reservation),
        html`<code>${nameMarkup(reservation.id)}</code>`,
      ]),
    })}
  </div>`;
}

function largest({ claims }: LostReservation): string {
  const most = Math.max(0, ...claims.map(({ amounts }) => amounts.nanoUsd));
  return most > 0 ? money(most) : tokens(Math.max(0, ...claims.map(({ amounts }) => amounts.tokens)));
}

function claimed({ claims }: LostReservation): readonly Html[] {
  return claims.map(({ account: { budget, subject } }, index) => {
    const who = subject === '' ? undefined : html` (${nameMarkup(subjectText(subject))})`;
    return html`${index > 0 && ', '}${nameMarkup(budget)}${who}`;
  });
}
