import { atom, type Atom, type Reading } from './atom.ts';
import { valueOf } from './numbers.ts';
import type { Token } from './tokens.ts';

const named = (lines: string, prefix: string): readonly (readonly [string, string])[] =>
  lines
    .split(' ')
    .flatMap((names, index) => names.split('/').map((name) => [name, `${prefix} ${index + 1}`] as const));

const months = new Map(
  named(
    'january/jan/januar/jänner/janvier/enero/gennaio/janeiro february/feb/februar/février/febrero/febbraio/fevereiro march/mar/märz/mars/marzo/março ' +
      'april/apr/avril/abril/aprile may/mai/mayo/maggio/maio june/jun/juni/juin/junio/giugno/junho july/jul/juli/juillet/julio/luglio/julho ' +
      'august/aug/août/agosto september/sep/sept/septembre/septiembre/settembre/setembro october/oct/oktober/okt/octobre/octubre/ottobre/outubro ' +
      'november/nov/novembre/noviembre/novembro december/dec/dezember/dez/décembre/diciembre/dicembre/dezembro',
    'month',
  ),
);
/** Months that are words besides: only beside a number, or with a capital where other words have none. */
const ambiguousMonths = new Set([
  'may',
  'march',
  'mar',
  'mars',
  'jan',
  'dec',
  'sep',
  'sept',
  'jun',
  'dez',
  'mai',
  'nov',
  'august',
]);
const weekdays = new Map(
  named(
    'monday/mon/montag/montags/lundi/lunes/lunedì/月曜日/星期一/周一 tuesday/tue/tues/dienstag/dienstags/mardi/martes/martedì/火曜日/周二 wednesday/wed/mittwoch/mittwochs/mercredi/miércoles/mercoledì/水曜日/周三 ' +
      'thursday/thu/thurs/donnerstag/donnerstags/jeudi/jueves/giovedì/木曜日/周四 friday/fri/freitag/freitags/vendredi/viernes/venerdì/金曜日/周五 ' +
      'saturday/sat/samstag/samstags/samedi/sábado/sabato/土曜日/周六 sunday/sun/sonntag/sonntags/dimanche/domingo/domenica/日曜日/周日',
    'weekday',
  ),
);
const ambiguousDays = new Set(['mon', 'wed', 'sat', 'sun', 'thu', 'tue', 'fri']);

const relative = new Map(
  Object.entries({
    today: 'heute/hoy/oggi/hoje/今天/今日',
    yesterday: 'gestern/hier/ayer/ieri/ontem/昨天/昨日',
    tomorrow: 'morgen/demain/mañana/domani/amanhã/明天/明日',
    tonight: '今晚/今夜',
    morning: 'mornings/vormittag/matin/今朝/早上',
    afternoon: 'afternoons/nachmittag/下午',
    evening: 'evenings/abend/abends/soir/noche/sera/晚上',
    night: 'nights/overnight/nacht/nuit/notte/夜',
    noon: 'midday/mittag/midi/mezzogiorno',
    midnight: 'mitternacht/minuit/mezzanotte',
    weekend: 'weekends/wochenende/周末/週末',
    spring: 'frühling/frühjahr/printemps/primavera/春天',
    summer: 'sommer/été/verano/estate/夏天',
    winter: 'hiver/invierno/inverno/冬天',
    autumn: 'herbst/automne/otoño/autunno/秋天',
    'last year': '去年/去年',
    'this year': '今年',
    'next year': '明年/来年',
    'last week': '上周/先週',
    'this week': '本周/今週',
    'next week': '下周/来週',
    'last month': '先月',
    'this month': '今月',
    'next month': '来月',
  }).flatMap(([name, others]) => [name, ...others.split('/')].map((word) => [word, name] as const)),
);
/** Not `estate` or `hier` of English. */
const notEnglish = new Set(['estate', 'hier', 'sera', 'matin']);

const turns = new Map([
  ['last', 'last'],
  ['previous', 'last'],
  ['past', 'last'],
  ['this', 'this'],
  ['current', 'this'],
  ['next', 'next'],
  ['coming', 'next'],
  ['upcoming', 'next'],
  ['letzten', 'last'],
  ['letzte', 'last'],
  ['letztes', 'last'],
  ['diesen', 'this'],
  ['diese', 'this'],
  ['dieses', 'this'],
  ['nächsten', 'next'],
  ['nächste', 'next'],
  ['nächstes', 'next'],
]);
const periods = new Map(
  'week month quarter year decade century weekend season semester term fiscal morning afternoon evening night woche monat jahr quartal'
    .split(' ')
    .map((name) => [name, name]),
);

/** Reads a day, time or period from the token at `at` on. Days of months and years are numbers. */
export function readDate(tokens: readonly Token[], at: number, english: boolean): Reading | undefined {
  const token = tokens[at];
  if (token === undefined) return undefined;
  if (token.kind === 'number')
    return readCalendar(token) ?? readTime(tokens, at, token) ?? readDecade(tokens, at, token);
  if (token.kind !== 'word') return undefined;
  const { lower, text } = token;
  const one = (key: string, length = 1, isLoose = false): Reading => ({
    atoms: [atom('date', key, text, isLoose)],
    length,
  });
  const next = tokens[at + 1];
  const month = months.get(lower);
  if (month !== undefined && (!ambiguousMonths.has(lower) || isMonth(tokens, at, lower, english)))
    return one(month);
  const singular = lower.endsWith('s') ? lower.slice(0, -1) : lower;
  const day = weekdays.get(lower) ?? weekdays.get(singular);
  if (
    day !== undefined &&
    (!ambiguousDays.has(lower) || /^\p{Lu}/u.test(text)) &&
    (lower !== 'mon' || english)
  )
    return one(day);
  const quarter = /^q([1-4])$/.exec(lower)?.[1];
  if (quarter !== undefined) return one(`quarter ${quarter}`);
  const nth = ['first', 'second', 'third', 'fourth'].indexOf(lower);
  if (nth >= 0 && next?.lower === 'quarter') return one(`quarter ${nth + 1}`, 2);
  const turn = turns.get(lower);
  const period = next && periods.get(next.lower);
  if (turn !== undefined && period !== undefined)
    return { atoms: [atom('date', `${turn} ${period}`, `${text} ${next?.text}`)], length: 2 };
  if (turn !== undefined && weekdays.has(next?.lower ?? '')) return one(`${turn} day`, 1, true);
  const known = relative.get(lower);
  if (known === undefined || (english && notEnglish.has(lower))) return undefined;
  return one(known === 'noon' ? 'time 12:00' : known === 'midnight' ? 'time 0:00' : known);
}

function isMonth(tokens: readonly Token[], at: number, lower: string, english: boolean): boolean {
  const [before, token, after] = [tokens[at - 1], tokens[at], tokens[at + 1]];
  const beyond =
    before?.text === '.' || before?.lower === 'of' || before?.glued === true ? tokens[at - 2] : before;
  if (
    before?.kind === 'number' ||
    after?.kind === 'number' ||
    beyond?.kind === 'number' ||
    /^(?:st|nd|rd|th)$/.test(before?.lower ?? '')
  )
    return true;
  if (
    /^(?:in|since|until|till|by|from|last|next|this|every|during|en|im|seit|bis)$/.test(before?.lower ?? '')
  )
    return true;
  if (!english) return lower === 'mai' || lower === 'august';
  return lower !== 'mars' && token?.opens === false && /^\p{Lu}/u.test(token.text);
}

function readCalendar({ text }: Token): Reading | undefined {
  const [, y, m, d] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  if (y !== undefined && m !== undefined && d !== undefined) return calendar(y, m, d, text);
  const [, day, month, year] = /^(\d{1,2})\.(\d{1,2})\.(\d{2}|\d{4})$/.exec(text) ?? [];
  if (day !== undefined && month !== undefined && year !== undefined)
    return calendar(year.length === 2 ? `20${year}` : year, month, day, text);
  const [, one, other, of] = /^(\d{1,2})\/(\d{1,2})\/(\d{2}|\d{4})$/.exec(text) ?? [];
  if (one === undefined || other === undefined || of === undefined) return undefined;
  const whole = of.length === 2 ? `20${of}` : of;
  if (Number(one) > 12) return calendar(whole, other, one, text);
  if (Number(other) > 12) return calendar(whole, one, other, text);
  // Which is the day, only who wrote it knows.
  return {
    atoms: [atom('date', `day ${Number(one)}/${Number(other)}`, text), atom('number', valueOf(whole), whole)],
    length: 1,
  };
}

function calendar(year: string, month: string, day: string, text: string): Reading {
  const atoms: Atom[] = [
    atom('number', valueOf(year), text),
    atom('date', `month ${Number(month)}`, text),
    atom('number', String(Number(day)), text),
  ];
  return { atoms, length: 1 };
}

function readTime(tokens: readonly Token[], at: number, { text }: Token): Reading | undefined {
  const next = tokens[at + 1];
  const half = /^(?:am|pm)$/.test(next?.lower ?? '') ? next?.lower : undefined;
  const [, hours, minutes] = /^(\d{1,2})(?:[:.](\d{2}))?$/.exec(text) ?? [];
  if (hours === undefined || Number(hours) > 24) return undefined;
  if (half !== undefined) {
    const hour = (Number(hours) % 12) + (half === 'pm' ? 12 : 0);
    return time(hour, minutes, `${text} ${next?.text}`, 2);
  }
  if (/^(?:uhr|h|点|時|heures)$/.test(next?.lower ?? '') && (text.includes(':') || next?.lower !== 'h'))
    return time(Number(hours), minutes, `${text} ${next?.text}`, 2);
  if (next?.lower === 'o' || next?.lower === "o'clock") {
    if (tokens[at + 2]?.lower === 'clock') return time(Number(hours), minutes, `${text} o'clock`, 3);
  }
  return minutes !== undefined && text.includes(':') ? time(Number(hours), minutes, text, 1) : undefined;
}

function time(hour: number, minutes: string | undefined, text: string, length: number): Reading {
  return { atoms: [atom('date', `time ${hour}:${minutes ?? '00'}`, text)], length };
}

function readDecade(tokens: readonly Token[], at: number, { text }: Token): Reading | undefined {
  const next = tokens[at + 1];
  if (next?.lower !== 's' || !next.glued) return undefined;
  if (/^\d{3}0$/.test(text)) return { atoms: [atom('date', `${text}s`, `${text}s`)], length: 2 };
  if (/^[1-9]0$/.test(text) && tokens[at - 1]?.lower === 'the')
    return { atoms: [atom('date', `19${text}s`, `${text}s`)], length: 2 };
  return undefined;
}
