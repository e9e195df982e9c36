import type { Checks } from '../streams/lab.ts';
import { Browser, findBrowser, type View } from './browser.ts';

const views: readonly View[] = [1_280, 390, 320].flatMap((width) =>
  [false, true].map((dark) => ({ width, dark, script: true })),
);

/** Looks at a page in a browser, if there is one. Returns what was looked with, for the notes. */
export async function lookAt(checks: Checks, files: readonly string[]): Promise<string> {
  const name = findBrowser();
  if (name === undefined) return 'no Chromium here: the page was not looked at in a browser';
  const browser = await Browser.open(name);
  try {
    for (const file of files) for (const view of views) await lookOnce(checks, browser, file, view);
    for (const file of files) await lookWithoutScript(checks, browser, file);
  } finally {
    await browser.close();
  }
  return `looked at with ${name}: ${files.length} pages at 1,280, 390 and 320 px, light and dark, and without scripts`;
}

async function lookOnce(checks: Checks, browser: Browser, file: string, view: View): Promise<void> {
  const { width, dark } = view;
  const where = `${width} px, ${dark ? 'dark' : 'light'}`;
  const seen = await browser.look(file, view);
  const overflow = await seen.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  checks.that(overflow === 0, `${where}: the page does not scroll sideways`, () => `by ${overflow} px`);
  const background = await seen.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  const [red = 0] = (/\d+/.exec(background) ?? []).map(Number);
  checks.that(
    dark ? red < 60 : red > 200,
    `${where}: the background is ${dark ? 'dark' : 'light'}`,
    () => background,
  );
  const cut = await seen.evaluate<string>(textThatIsCut);
  checks.that(cut === '', `${where}: no text lies outside the page`, () => cut);
  const box = await seen.evaluate<{ x: number; y: number } | undefined>(firstBar);
  if (box === undefined) checks.that(false, `${where}: there is a chart`);
  else {
    await seen.point(box.x, box.y);
    const tip = await seen.evaluate<string>(
      "document.querySelector('.tip:not([hidden])')?.textContent ?? ''",
    );
    checks.that(/\$/.test(tip), `${where}: what is pointed at is told`, () => tip);
  }
  checks.that(seen.complaints.length === 0, `${where}: nobody complains`, () => seen.complaints.join('; '));
  checks.that(
    seen.requests.every((url) => url.startsWith('file:')) && seen.requests.length === 1,
    `${where}: nothing but the file is asked for`,
    () => seen.requests.join(', '),
  );
}

async function lookWithoutScript(checks: Checks, browser: Browser, file: string): Promise<void> {
  const seen = await browser.look(file, { width: 390, dark: false, script: false });
  const height = await seen.evaluate<number>('document.documentElement.scrollHeight');
  checks.that(height > 2_000, 'without scripts, all of it is there', () => `${height} px high`);
}

/** Not within what scrolls by itself. */
const textThatIsCut = `[...document.querySelectorAll('h1,h2,h3,p,dt,dd,li,summary')].filter((element) => {
  if (element.closest('.wide,.unseen,[hidden]')) return false;
  const box = element.getBoundingClientRect();
  return box.width > 0 && (box.left < -1 || box.right > document.documentElement.clientWidth + 1);
}).map((element) => element.textContent.slice(0, 40)).join(' | ')`;

/** The middle of the dearest day, after the chart has been brought into view, and everybody was told. */
const firstBar = `(async () => {
  const marks = document.querySelector('svg.marks');
  if (marks === null) return undefined;
  marks.scrollIntoView({ block: 'center' });
  for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
  const box = marks.getBoundingClientRect();
  return { x: box.left + (box.width * 18.5) / 30, y: box.top + box.height / 2 };
})()`;
