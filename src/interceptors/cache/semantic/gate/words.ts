const setOf = (...lines: readonly string[]): ReadonlySet<string> => new Set(lines.join(' ').split(' '));

/** Words that only hold a sentence together, by language. */
export const functionWords = {
  en: setOf(
    'a an the this that these those there here it its i me my mine myself we us our ours you your yours he him his she her',
    'hers they them their theirs one ones someone somebody anyone anybody something anything itself themselves',
    'am is are was were be been being do does did doing done have has had having of in at for to into as and so',
    'if then than by with on upon about it im ive id please',
    'll s ve re d m t u etc whether while when where which what who whom whose that how but or yet also too such via per within',
  ),
  de: setOf(
    'der die das den dem des ein eine einen einem einer eines ich du er sie es wir ihr mich mir dich dir ihn ihm uns euch',
    'mein meine meinen meinem meiner dein deine sein seine unser unsere ihre ihren ihrem ihrer ist sind war waren bin bist wird werden',
    'wurde hat habe haben hatte im in am an auf aus bei von vom zu zum zur für um nach über unter mit und oder dass daß wenn als ob so',
    'wie was wer wo wann warum welche welcher welches welchen man sich da dann auch noch schon bitte durch seit bis gibt geht kann kannst können könnte möchte will',
  ),
  fr: setOf(
    'le la les un une des du de d l au aux je tu il elle on nous vous ils elles me m te t se s lui leur y en mon ma mes ton ta tes',
    'son sa ses notre nos votre vos leurs ce cet cette ces c est sont était être suis es a ai as ont avoir avait ne n et ou mais',
    'que qu qui quoi quel quelle quels quelles où quand comment pourquoi combien à dans par pour sur si donc plait plaît svp j puis peux peut pouvez veux voudrais faire',
  ),
  es: setOf(
    'el la los las un una unos unas de del al a y e o u en con por para que qué cual cuál cuáles quien quién cómo como cuándo cuando',
    'dónde donde cuánto cuánta cuántos cuántas yo tú mi mis tu tus su sus me te se le les lo nos es son está están ser estar era',
    'hay ha he han tengo tiene si sí este esta esto estos estas ese esa eso favor hasta entre desde sobre hace puedo puede puedes pueden podemos ya quiero quisiera',
  ),
  it: setOf(
    'il lo la i gli le un uno una l di del dello della dei degli delle dell d a al allo alla ai agli alle all da dal dalla in nel nella',
    'nei nelle nell con su sul sulla per tra fra e ed o che chi cosa quale quali qual quanto quanta quanti quante come quando dove',
    'perché mi ti si ci vi io tu lui lei noi voi mio mia miei tuo tua suo sua è sono sei essere ho ha hanno se questo questa favore posso può possono fa vorrei voglio',
  ),
  pt: setOf(
    'o a os as um uma uns umas de do da dos das em no na nos nas por pelo pela para com que qual quais quem como quando onde quanto',
    'quanta quantos quantas eu você ele ela nós eles elas me te se lhe meu minha meus minhas seu sua seus suas é são está estão ser',
    'estar há tem tenho e ou se este esta isso favor posso pode podem quero gostaria ao à às',
  ),
} as const;

/** Particles and endings of Chinese and Japanese. */
export const particles = setOf(
  '的 了 吗 呢 吧 啊 是 在 有 我 我们 你 你们 您 他 她 它 这 那 个 和 与 要 会 能 可以 请 请问 怎么 怎样 如何 什么 哪 哪里 哪个 多少 大概 为什么 就 都 也 把 被',
  'は が を に で と から まで の へ も か や です ます ました ましょう でしょう でしょうか する した し て た だ だった な ん の ので のです のですが が どう どの どれ いくら いつ なぜ',
  'ください くれ どうすれ どうし たら ば いい よい よろしい い ある いる れ られ しまっ しまい どのくらい 何 くらい ぐらい かかり かかる こと もの この その あの 私',
);

/** What is said to be polite, to begin, or for emphasis. */
export const fillers = setOf(
  'oh ah um hm hmm hi hello hey dear thanks thank please kindly greetings cheers regards bye welcome sorry ok okay well so now just really actually',
  'simply basically exactly quickly currently ever still already even perhaps maybe possibly rather quite very much any some pls plz',
  'tell explain describe say let know remind advance wonder wondering ask asking question guys everyone team sir madam',
  'hallo danke bonjour merci salut hola gracias ciao grazie olá obrigado obrigada 你好 谢谢 您好 こんにちは お願い ありがとう',
);

const requestLines = [
  'can could may might must shall should ought will would need needs needed able allow allowed permitted possible possibility want wants like love wish hope',
  'help give show list find tell see display provide share suggest recommend advise recommended get way ways manner method approach possible ok okay fine right correct proper properly',
  'why require required requirement requirements necessary obliged supposed mandatory compulsory steps step procedure process instructions guide work works doing happens happen going make makes mean means meaning',
  'called call have trouble problem issue simple simply case thing things how what which information info details',
];
/** Those of them that ask, and say nothing of what for. */
export const requestWords = setOf(...requestLines);

/** Words of asking and of everyday doing, that a question in other words has others for; their other forms are told by their endings. */
export const lightWords = setOf(
  ...requestLines,
  // who asks for what, and how
  'let stuff kind type sort matter point topic term concept idea',
  'name look print advice recommendation tip',
  'write compose draft create produce generate build prepare put come go goes obtain receive',
  'take bring use using used usage try set occur',
  'do instruction tutorial example answer reply response detail',
  'option solution fix wrong error reason cause result consequence effect',
  'difference differ different distinguish compare comparison versus vs same similar alike equal',
  'best good better ideal safe worth wise sense general',
  'normal usual common true really fact sure certain chance',
  'most more many much few less lot plenty number amount quantity count total sum size length long short big large small high higher low maximum minimum max min limit',
  'far near close around roughly approximately approx almost about over under above below up down out off away back along across through',
  'say state word phrase read think believe consider',
  'know understand learn seem appear feel wonder figure determine check verify confirm decide choose pick prefer',
  'keep hold stay remain leave begin start stop end finish complete continue last become turn change move run',
  'send offer add permit accept permission permissible legal law lawful rule apply applicable',
  'oblige obligation expect entitle entitlement eligible',
  'person people anyone everybody else other another each every both either all whole own first next such several various',
  'time place part side moment present period duration',
  'because since after before during until later earlier soon ago again yet once always often sometimes per against between among without from toward',
  'live belong contain include consist involve',
  'bit little great nice new current latest available exist',
  'order in however though although despite anyway instead besides apart except regarding',
  'cost price pay charge fee expensive cheap',
  'weigh weight heavy tall height elevation old age aged distance fast speed deep depth wide width hot temperature',
  // kinds of what is asked for
  'definition explanation description overview introduction summary outline formula equation recipe technique strategy plan trick purpose function role',
  'benefit sign feature property characteristic condition criteria policy guideline',
  'range level degree rate ratio percentage portion value average typical deadline date hour schedule location spot area region country city town',
  'tool program software product item version message text sentence article entry line content section',
  'someone somebody individual guy team company organization provider service customer user member staff employee',
  // what is done, and how
  'affect arrange base behave care carry combine correspond cover deal depend describe design drop enjoy enter establish exceed expire face file fill follow form',
  'gain grow handle identify improve increase indicate join lead listen lose manage mark match meet mention operate perform play proceed',
  'purchase qualify raise reach react realize recognize reduce refer relate release remind replace report represent request respond return reveal rise save search select sell serve',
  'shop sit solve speak specify spend stand store suffer suit supply support switch talk teach tend touch track treat visit wait achieve acquire attempt avoid aware concern conduct consult contact',
  'quick easy easily hard difficult effective efficient successful suitable appropriate important main major key basic special specific particular regular popular famous',
  'well worse bad harmful dangerous risky healthy unhealthy serious severe useful helpful affordable reasonable enough sufficient ready free full empty strong weak early late recent immediately directly straight automatically manually',
  'exactly altogether together separately entirely fully already meanwhile afterwards beforehand online home house day week month year life world',
);
