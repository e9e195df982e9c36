import { atom, type Atom, type Reading } from './atom.ts';
import type { Token } from './tokens.ts';

/** One unit a line, by all its names; symbols that differ in capitals alone are as written. */
const units = `
mm millimeter millimetre
cm centimeter centimetre zentimeter centimètre centímetro
m meter metre mètre metro
km kilometer kilometre kilomètre kilómetro chilometro quilômetro 公里 キロ
inch inches zoll pouce pulgada
foot feet ft fuß
yard yd
mile mi meile milla miglia
µg mcg microgram μg
mg milligram milligramm
g gram gramme gramm grammes gramo
kg kilo kilogram kilogramme kilogramm 公斤
t tonne ton
oz ounce
lb lbs pound
stone
ml milliliter millilitre mL
cl centiliter centilitre
dl deciliter decilitre
l liter litre L
gallon gal
pint pt
quart qt
cup tasse
tbsp tablespoon esslöffel
tsp teaspoon teelöffel
°c celsius centigrade
°f fahrenheit
kelvin
ms millisecond msec
s sec second seconds sekunde segundo
min minute mins minuten minuto 分钟
hour h hr hrs stunde heure hora ora 小时 時間
day tag jour día giorno dia 天 日
week woche semaine semana settimana 周 週
fortnight
month monat mois mes mese mês
quarter quartal trimestre
year jahr an année año anno ano yr yrs 年
decade jahrzehnt
century siglo jahrhundert siècle
bit
byte bytes
kB kilobyte KB
MB megabyte
GB gigabyte Gb
TB terabyte
PB petabyte
KiB kibibyte
MiB mebibyte
GiB gibibyte
kbit kbits
Mbit megabit mbits
Gbit gigabit
knot knots
mW milliwatt
W watt
kW kilowatt
MW megawatt
GW gigawatt
Wh
kWh
MWh
J joule
kJ kilojoule
cal
kcal calorie calories kalorie
bar
mbar
psi
Pa pascal
kPa
hPa
V volt
mV
kV
amp ampere
mA
mAh
Ah
Hz hertz
kHz
MHz megahertz
GHz gigahertz
mol
mmol
acre
hectare ha hektar
dpi
px pixel
rem
em
% percent prozent
‰
usd $ dollar
eur € euro
gbp £ pound quid sterling
¥ jpy yen 円
cny yuan rmb 元 块
chf franken francs
cad
aud
nzd
inr ₹ rupee
krw ₩ won
pln zloty
sek
nok
dkk
brl real reais
mxn peso
btc bitcoin
eth
cent
iu
point
carat
bowl
glass
slice
bottle
handful
pinch
box
pallet
pack
bag
spoon
degree grad °
`;

const meanings = new Map<string, string[]>();
for (const line of units.trim().split('\n')) {
  const names = line.split(' ');
  for (const name of names) meanings.set(name, [...(meanings.get(name) ?? []), names[0] ?? '']);
}
meanings.set('percent', ['%']);

/** What is worth naming without a number beside it: the others are words or letters besides. */
const alone = /^(?:..+|[%€£$¥])$/u;
const notAlone = new Set(
  'min sec foot stone point degree bar real won cal em rem an mes ora ton tag pt mi ft ha grad second won segundo an dia ano mol cent metro tasse pound bit us'.split(
    ' ',
  ),
);

const adverbs: ReadonlyMap<string, string> = new Map(
  Object.entries({
    hourly: 'hour',
    daily: 'day',
    weekly: 'week',
    monthly: 'month',
    quarterly: 'quarter',
    yearly: 'year',
    annual: 'year',
    annually: 'year',
    täglich: 'day',
    wöchentlich: 'week',
    monatlich: 'month',
    jährlich: 'year',
  }),
);
/** Units by the one they are counted per. */
const compounds: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['mph', ['mile', 'hour']],
  ['kmh', ['km', 'hour']],
  ['kph', ['km', 'hour']],
  ['kbps', ['kbit', 's']],
  ['mbps', ['Mbit', 's']],
  ['gbps', ['Gbit', 's']],
]);
const per = /^(?:per|each|every|a|an|pro|je|par|al|por|jede|jeden|jedes|chaque|cada|ogni|毎|每)$/;

/** Reads what something is counted in from the token at `at` on; `counted`: it comes right behind a number. */
export function readUnit(tokens: readonly Token[], at: number, counted: boolean): Reading | undefined {
  const token = tokens[at];
  if (token === undefined || token.kind === 'number') return undefined;
  const next = tokens[at + 1];
  if (counted && token.text === '-' && next?.kind === 'word') {
    const behind = readUnit(tokens, at + 1, true);
    return behind && { atoms: behind.atoms, length: behind.length + 1 };
  }
  // `°C`, `° C`, `degrees Celsius`
  if ((token.text === '°' || /^degrees?$/.test(token.lower)) && next?.kind === 'word') {
    const scale = meaningOf(next.text) ?? { c: ['°c'], f: ['°f'] }[next.lower];
    if (scale?.[0]?.startsWith('°'))
      return { atoms: [atom('unit', scale, token.text + next.text)], length: 2 };
  }
  if (counted && /^[CF]$/.test(token.text)) return one(`°${token.lower}`, token.text, false, 1);
  const rate = readRate(tokens, at);
  if (rate !== undefined) return rate;
  if (/^(?:per|pour|por)$/.test(token.lower) && /^(?:cent|ciento|cento)$/.test(next?.lower ?? ''))
    return one('%', `${token.text} ${next?.text}`, !counted, 2);
  const compound = compounds.get(token.lower) ?? slashed(tokens, at);
  if (compound !== undefined) {
    const [measure, by] = compound;
    const length = compounds.has(token.lower) ? 1 : 3;
    const atoms = [
      atom('unit', measure, token.text, !counted),
      atom('unit', `per ${by}`, token.text, !counted),
    ];
    return { atoms, length };
  }
  const unit = meaningOf(token.text);
  if (unit === undefined || (!counted && (!alone.test(token.text) || notAlone.has(token.lower))))
    return undefined;
  const currency =
    unit.some((name) => /^(?:usd|eur|gbp|¥|inr)$/.test(name)) &&
    next?.kind === 'number' &&
    token.kind === 'sign';
  const behind = tokens[at + 1]?.text === '-' ? tokens[at + 2] : next;
  const isAge = unit[0] === 'year' && /^(?:olds?|alt|alte|alten)$/.test(behind?.lower ?? '');
  const read = atom('unit', powered(tokens, at, unit), token.text, isAge || (!counted && !currency));
  return { atoms: [read], length: read.meanings[0] === unit[0] ? 1 : 3 };
}

/** `m/s`, each of which alone is a letter. */
function slashed(tokens: readonly Token[], at: number): readonly [string, string] | undefined {
  const [measure, slash, by] = [tokens[at], tokens[at + 1], tokens[at + 2]];
  if (measure?.kind !== 'word' || slash?.text !== '/' || by?.kind !== 'word' || !slash.glued || !by.glued)
    return undefined;
  const [above] = meaningOf(measure.text) ?? [];
  const [below] = meaningOf(by.text) ?? [];
  return above === undefined || below === undefined ? undefined : [above, below];
}

function readRate(tokens: readonly Token[], at: number): Reading | undefined {
  const token = tokens[at];
  const next = tokens[at + 1];
  if (token === undefined) return undefined;
  const adverb = adverbs.get(token.lower);
  if (adverb !== undefined) return one(`per ${adverb}`, token.text, true, 1);
  if (next?.kind !== 'word' || !(token.text === '/' || per.test(token.lower))) return undefined;
  if (/^an?$/.test(token.lower) && (next.lower === 'second' || tokens[at - 1]?.lower === 'of'))
    return undefined;
  const unit = meaningOf(next.text);
  if (unit === undefined || (token.text !== '/' && next.text.length < 3)) return undefined;
  return one(`per ${unit[0]}`, `${token.text} ${next.text}`, token.text !== '/', 2);
}

/** `m^2`: with the power behind it. */
function powered(tokens: readonly Token[], at: number, unit: readonly string[]): readonly string[] {
  const power = tokens[at + 2];
  return tokens[at + 1]?.text === '^' && power?.kind === 'number'
    ? unit.map((name) => `${name}^${power.text}`)
    : unit;
}

function meaningOf(text: string): readonly string[] | undefined {
  const lower = text.toLowerCase();
  return (
    meanings.get(text) ??
    meanings.get(lower) ??
    (lower.length > 3 ? meanings.get(lower.replace(/(?:s|en|n|e)$/, '')) : undefined) ??
    upper(text)
  );
}

/** `mb` as in `MB`: where small letters mean nothing. */
function upper(text: string): readonly string[] | undefined {
  return /^(?:[kmgt]i?b|[km]w|[km]?wh|[kmg]?hz)$/.test(text)
    ? [...meanings.values()].find(([name]) => name?.toLowerCase() === text && name !== 'mW')
    : undefined;
}

function one(
  meaning: string,
  text: string,
  isLoose: boolean,
  length: number,
): { readonly atoms: readonly Atom[]; readonly length: number } {
  return { atoms: [atom('unit', meaning, text, isLoose)], length };
}
