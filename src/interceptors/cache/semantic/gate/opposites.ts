/** Words of which each turns a question round when it stands for the other; `/` between those that say the same. */
const pairs = `
enable/activate disable/deactivate
on off
in out
up down
before/prior after/following/since
with without
for against
more/over/above/exceed/greater/higher less/under/below/fewer/lower
most least/fewest
max/maximum/highest/largest/biggest/longest min/minimum/lowest/smallest/shortest
cheap/inexpensive/affordable expensive/dearest
first/earliest/oldest last/latest/newest
open/start/begin close/shut/end/stop/finish
buy/purchase sell
increase/raise/grow/rise decrease/reduce/lower/drop/fall/shrink
include exclude/except
allow/permit/let deny/prohibit/forbid/ban/block/refuse
allowed/permitted/legal/lawful prohibited/forbidden/banned/illegal/denied/unlawful
import export
upload download
push pull
encrypt/encode decrypt/decode
compress decompress/extract
add/insert/attach/append remove/delete/detach
create/make delete/destroy
install uninstall
lock unlock
mute unmute
follow unfollow
subscribe unsubscribe/cancel
connect disconnect
accept/approve reject/decline/refuse
pass/succeed/success/win fail/failure/lose
true/right/correct false/wrong/incorrect
yes no
left right
inside/indoor/internal outside/outdoor/external
public private
always never
everyone/everybody nobody
everything nothing
all/every none
buyer/tenant/lender/employee/customer seller/landlord/borrower/employer/vendor
lend borrow
send/give receive/get
arrive/arrival/land depart/departure/leave
enter/entry/join exit/leave
ascending descending
horizontal vertical
top/upper bottom/lower
front back/rear
hot/warm/heat cold/cool/chill
wet dry
hard/difficult/hardest easy/simple/easiest
strong weak
heavy/heavier light/lighter
long/longer short/shorter
big/large/bigger small/little
high low
tall/taller/tallest short/shorter/shortest
fast/quick/faster/fastest slow/slower/slowest
early/earlier late/later
old/older young/new/younger/newer
rich poor
good/better/best/advantage/benefit bad/worse/worst/disadvantage/drawback
safe/harmless dangerous/harmful/unsafe
male/man/boy/husband/father/son/brother female/woman/girl/wife/mother/daughter/sister
single/unmarried married
alive dead
full/filled empty
present/presence absent/absence
positive negative
gain lose/loss
profit loss
credit debit
income/revenue expense/expenditure
domestic foreign/international
local remote
online offline
synchronous/sync asynchronous/async
static dynamic
forward backward
input output
read write
encourage discourage
love/like hate/dislike
agree disagree
visible/show hidden/hide/invisible
possible impossible
plural singular
odd even
mandatory/required/compulsory optional/voluntary
temporary/temporarily permanent
manual automatic/automatically
minor adult
north south
east west
northern southern
eastern western
sunrise sunset
raw cooked
fresh stale/frozen
inbound/incoming outbound/outgoing
mit ohne
vor nach
aktivieren/einschalten/anschalten deaktivieren/ausschalten/abschalten
öffnen schließen
kaufen verkaufen
mehr weniger
immer nie
erlaubt verboten
mindestens höchstens
avec sans
avant après
activer désactiver
ouvrir fermer
acheter vendre
plus moins
toujours jamais
con sin
antes/antes después
activar desactivar
abrir cerrar
comprar vender
más menos
siempre nunca
con senza
prima dopo
attivare disattivare
aprire chiudere
comprare vendere
più meno
sempre mai
com sem
depois antes
ativar desativar
fechar abrir
mais menos
开 关
打开/开启 关闭
启用 禁用
之前 之后
以前 以后
以上 以下
最大 最小
最高 最低
买 卖
增加 减少
前 後
あり なし
有効 無効
開ける 閉める
買う 売る
多い 少ない
`;

const sides = new Map<string, string[]>();
for (const [index, line] of pairs.trim().split('\n').entries())
  for (const [side, words] of line.split(' ').entries())
    for (const word of words.split('/')) sides.set(word, [...(sides.get(word) ?? []), `${index} ${side}`]);

/** Whether one of the forms of a word is the opposite of one of another's. */
export function areOpposite(one: readonly string[], other: readonly string[]): boolean {
  const opposed = new Set(
    one
      .flatMap((form) => sides.get(form) ?? [])
      .map((side) => (side.endsWith('0') ? side.replace(/0$/, '1') : side.replace(/1$/, '0'))),
  );
  return opposed.size > 0 && other.some((form) => (sides.get(form) ?? []).some((side) => opposed.has(side)));
}

export function hasOpposite(forms: readonly string[]): boolean {
  return forms.some((form) => sides.has(form));
}
