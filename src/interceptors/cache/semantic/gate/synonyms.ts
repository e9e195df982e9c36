/** English words of which one may stand for the others of its line, in a question of everyday life, work or computing. */
const groups = `
all every
buy purchase order
cancel terminate unsubscribe
close shut
delete remove erase
disable deactivate
enable activate
repair fix mend
change modify edit alter adjust update amend
move reschedule shift
send ship deliver mail
delivery shipping shipment dispatch
refund reimburse
price cost fee charge
cost expense
big large huge
small little tiny
cheap inexpensive affordable budget
begin start commence launch
end finish conclude
end expire lapse
quick fast rapid speedy
show display
hide conceal
find locate
get obtain receive
make create build generate produce compose write draft prepare
use employ utilize
choose select pick
combine merge join
exit quit leave resign
answer reply respond response
summary overview recap
explain describe clarify
calculate compute determine
example sample instance
illness disease sickness condition
medicine medication drug
doctor physician gp
child kid
baby infant
car automobile vehicle
bike bicycle
phone telephone mobile smartphone cellphone
fridge refrigerator
tap faucet
flat apartment
lift elevator
holiday vacation leave
trip travel journey
plane airplane aircraft
flight fly
film movie
picture image photo photograph
shop store
job employment position
staff employee worker
boss manager supervisor
company firm business
salary wage pay
document documentation paperwork paper doc
email mail
website site webpage
repository repo
application app
configuration config settings
database db
environment env
directory dir folder
production prod
development dev
administrator admin
authentication auth
information info
maximum max
minimum min
function func
variable var
parameter param
argument arg
rubbish trash garbage
petrol gasoline gas
garden yard
chart graph plot diagram
rent rental
invoice bill
allow permit let
forbid prohibit ban
forbidden prohibited banned illegal unlawful
error mistake bug
correct right
wrong incorrect false
neighbor border
before prior
after following
near close nearby
enough sufficient
fired dismissed sacked
raise increase boost
lower decrease reduce
password passcode
annual yearly
person people human
population people inhabitants
town city
country nation
money cash funds
fine penalty ticket
ticket fare
law legal
lawyer attorney solicitor
house home
type kind sort
purpose use
mean definition define
cause reason
result outcome consequence
effect impact influence
method way approach technique
guide tutorial
speed velocity
tall height high
wide width
deep depth
heavy weigh weight
old age aged
long length duration
dose dosage
safe safety
tip advice
advantage benefit pro
disadvantage drawback con
install setup
stop halt
stop prevent avoid
issue problem trouble
broken faulty defective
happy glad
sad unhappy
laptop notebook
screen monitor
sofa couch
toilet restroom bathroom
sweets candy
trousers pants
chips fries
pupil student
teacher instructor
grade mark
exam test
class course
parcel package packet
luggage baggage
motorway highway freeway
pavement sidewalk
queue line
timetable schedule
reservation booking
book reserve
postcode zip
surname lastname
wedding marriage
marry spouse
pregnant pregnancy
meal food
autumn fall
subscription membership
hotel accommodation
cooker stove
bin trash
contact reach
reach get
die death dead
born birth
win winner
author write
inventor invent
discover discovery
replace substitute swap
instead alternative
vegetarian veggie meatless
recover recovery restore
visit see
watch view
listen hear
speak talk
print output
input enter
list show
count number
sum total
average mean
duplicate copy
sign signature
symptom sign
ache pain hurt
shot vaccine vaccination jab
tenant renter
deadline due
late overdue
undo revert
connect pair link
together combine jointly
visit trip
polite courteous
automatic auto automatically
rid remove
intake consumption
elevation altitude height
uninstall delete
frozen freeze freezer
mount mt
doctor dr
saint st
usa america
uk britain
postgresql postgres pg
mysql mariadb
javascript js
typescript ts
kubernetes k8s
mac macos osx
node nodejs
mongodb mongo
golang go
microsoft ms
decaf decaffeinated
bacteria bacterium
online internet web
e-commerce ecommerce
homepage site
cv resume
percent percentage
permission consent approval authorization agree
meeting appointment
colleague coworker
client customer
cab taxi
underground subway metro tube
railway train rail
airline carrier
luggage suitcase
restaurant eatery
beverage drink
alcohol booze
jumper sweater pullover
sneakers trainers
nappy diaper
pram stroller
torch flashlight
hoover vacuum
postman mailman
belly stomach tummy
flu influenza
pill tablet
surgery operation
treat treatment therapy
heal recover
physician medic
cancellation cancel
discount rebate reduction
coupon voucher
income earnings
layoff redundancy
hire recruit employ
contract agreement
sue litigate
fault blame
manual handbook
bug defect
reboot restart
execute run
erase wipe
quickest fastest
nicest best
simplest easiest
main principal primary
whole entire
correctly properly
wrongly incorrectly
allowed legal
essay paper article
novel book
poem verse
song track
director filmmaker
forest woods
grown adult
teen teenager adolescent
elderly senior
relative family
common frequent
integer int
many number
integrate integration
ändern wechseln anpassen
löschen entfernen
kündigen stornieren
zahlen bezahlen
kostet preis kosten
modifier changer
supprimer effacer
annuler résilier
coûte prix coûter
cambiar modificar
eliminar borrar
cancelar anular
cuesta precio
modificare cambiare
annullare disdire
costa prezzo
alterar mudar
excluir apagar
修改 更改
取消 关闭
删除 移除
购买 买
`;

const meanings = new Map<string, string[]>();
for (const group of groups.trim().split('\n')) {
  const words = group.split(' ');
  for (const word of words) meanings.set(word, [...(meanings.get(word) ?? []), `=${words[0]}`]);
}

/** Whether a meaning is that of words that stand for one another. */
export function isSynonym(meaning: string): boolean {
  return meaning.startsWith('=');
}

/** Those that mean something else in small letters, and what they mean. */
export const acronyms: ReadonlyMap<string, string> = new Map([
  ['US', 'usa'],
  ['IT', 'information technology'],
  ['WHO', 'world health organization'],
]);

/** Forms that no ending tells. */
const irregular = new Map(
  (
    'bought buy, sent send, wrote write, written write, paid pay, got get, gotten get, took take, taken take, gave give, given give, ' +
    'made make, went go, gone go, did do, done do, saw see, seen see, found find, kept keep, told tell, said say, left leave, ' +
    'lost lose, won win, sold sell, built build, ate eat, eaten eat, drank drink, drunk drink, drove drive, driven drive, ' +
    'chose choose, chosen choose, broke break, broken break, spoke speak, spoken speak, wore wear, worn wear, taught teach, ' +
    'caught catch, thought think, brought bring, held hold, lent lend, began begin, begun begin, grew grow, grown grow, ' +
    'knew know, known know, flew fly, flown fly, ran run, swam swim, sang sing, sung sing, men man, women woman, children child, ' +
    'feet foot, teeth tooth, mice mouse, forgot forget, forgotten forget, stole steal, stolen steal, met meet, spent spend, ' +
    'slept sleep, felt feel, fell fall, fallen fall, rose rise, risen rise, died die, dying die, lying lie, cheapest cheap, ' +
    'biggest big, larger large, largest large, smaller small, smallest small, lives life, wives wife, leaves leaf, ' +
    'metre meter, litre liter, centre center, theatre theater, grey gray, programme program, cheque check, tyre tire, aluminium aluminum'
  )
    .split(', ')
    .map((pair) => pair.split(' ') as [string, string]),
);

/** What a word can be a form of, in one spelling for all of English; and what it can stand for. */
export function meaningsOf(word: string, english: boolean): readonly string[] {
  return standingFor(english ? basesOf(word) : [word, trimmed(word)]);
}

/** What a name can stand for: it has no other forms. */
export function meaningsOfName(name: string): readonly string[] {
  return standingFor([spelled(name)]);
}

function standingFor(words: readonly string[]): readonly string[] {
  return Array.from(new Set(words.flatMap((word) => [word, ...(meanings.get(word) ?? [])])));
}

function basesOf(word: string): readonly string[] {
  const known = irregular.get(word);
  if (known !== undefined) return [spelled(known), spelled(word)];
  const written = spelled(word);
  const bases = [written];
  const { length } = written;
  const without = (ending: number, more = ''): number => bases.push(written.slice(0, length - ending) + more);
  if (length > 3 && /[^sui]s$/.test(written)) without(1);
  if (length > 4 && /(?:[sxzo]|ch|sh)es$/.test(written)) without(2);
  if (length > 4 && /ie[sd]$/.test(written)) without(3, 'y');
  if (length > 5 && written.endsWith('ly')) without(2);
  if (length > 4 && written.endsWith('ed')) {
    without(2);
    without(1);
    if (/([bdglmnprt])\1ed$/.test(written)) without(3);
  }
  if (length > 5 && written.endsWith('ing')) {
    without(3);
    without(3, 'e');
    if (/([bdglmnprt])\1ing$/.test(written)) without(4);
  }
  return bases.map((base) => irregular.get(base) ?? base);
}

function spelled(word: string): string {
  if (word.length < 5) return word;
  return word
    .replace(/(?<=[a-z]{3})our(?=s?$|ed$|ing|ite|able|ful)/, 'or')
    .replace(/is(?=(?:e|es|ed|er|ing|ations?)$)/, 'iz')
    .replace(/(?<=[aeiou])ll(?=(?:er|ments?)$)/, 'l')
    .replace(/ence(?=s?$)/, 'ense');
}

function trimmed(word: string): string {
  return word.length > 5 ? word.replace(/(?:[eo]?[sn]|er|[eoai])$/, '') : word;
}

const suffixes = new Set(
  ' e s es ed d ing er ers or ors r y ly al ally ion ions ation ations ition itions ment ments able ible ance ence ense ant ent ants ents ive ives ity ness ure ures ature ful less ous ist ists ic ical age ages ize ized izes izing ization ate ated ates ating t th ial ary ery ied ies ying ies ical ability ibility'.split(
    ' ',
  ),
);

/** Whether one is made of the other, or both of a third word: `require` and `requirement`. */
export function isDerived(one: string, other: string): boolean {
  const longest = Math.min(one.length, other.length);
  let shared = 0;
  while (shared < longest && one[shared] === other[shared]) shared++;
  for (let length = shared; length >= Math.max(4, shared - 1); length--)
    if (suffixes.has(one.slice(length)) && suffixes.has(other.slice(length))) return true;
  return false;
}

/** `Germany` and `German`, `Japan` and `Japanese`: a country and what is of it. */
export function isDemonym(one: string, other: string): boolean {
  return isOf(one, other) || isOf(other, one);
}

function isOf(country: string, people: string): boolean {
  const [name, written] = [country.toLowerCase(), people.toLowerCase()];
  const [stem = ''] = name.split(/(?:y|a|e|land)$/u);
  if (stem.length < 4 || !/^\p{Lu}/u.test(people)) return false;
  return [stem, name].some(
    (base) =>
      written.startsWith(base) &&
      /^(?:n|an|ian|ians|ns|ans|ese|ish|i|s|ic)?$/.test(written.slice(base.length)) &&
      written !== `${name}s`,
  );
}
