/**
 * A telephone number as people, programs and PBXs write it: behind a name, as a SIP or tel address, with invisible marks,
 * with a plus that a form decoded to a blank, or as a word that says there is none.
 */

export interface GivenNumber {
  /**
   * What is kept and shown. A number has digits, `*` and `#` only, and a plus where it was given; any other text stays as it
   * came, trimmed. Null where the number was not shown.
   */
  readonly number: string | null;
  /** The number was not shown: blank, or a word for it. Such a party is nobody (ARCHITECTURE.md, section 2). */
  readonly withheld: boolean;
  /** Whether `number` is a number rather than a text. */
  readonly dialable: boolean;
}

/** A name of 64 characters beside an address is shorter; what is longer was not meant as a number and is not read. */
export const GIVEN_MAX_CHARS = 256;

const NOT_SHOWN: GivenNumber = { number: null, withheld: true, dialable: false };

const PLAIN = /^\+?\d+$/;

/** Letters only, so that `Private Number`, `private_number` and `<private-number>` are one spelling; without accents, in lower case. */
const lettersOf = (text: string): string => text.normalize('NFD').replace(/\P{L}/gu, '').toLowerCase();

/** As telephones, PBXs and carriers say that a caller shows no number, in the languages of the countries where these systems are sold. */
const SAID_ALONE = [
  ...[
    'unbekannt',
    'unbekannter',
    'unbekannte',
    'unterdrückt',
    'unterdrueckt',
    'unterdrückte',
    'anonym',
    'anonymer',
    'anonyme',
  ],
  ...['privat', 'private', 'verborgen', 'verborgene', 'geheim', 'nicht verfügbar', 'keine'],
  ...[
    'inconnu',
    'inconnue',
    'privé',
    'privée',
    'masqué',
    'masquée',
    'caché',
    'cachée',
    'anonyme',
    'secret',
    'indisponible',
  ],
  ...[
    'desconocido',
    'desconhecido',
    'privado',
    'oculto',
    'anónimo',
    'anônimo',
    'restringido',
    'restrito',
    'confidencial',
  ],
  ...[
    'no disponible',
    'não disponível',
    'não identificado',
    'sconosciuto',
    'privato',
    'nascosto',
    'anonimo',
    'riservato',
  ],
  ...['non disponibile', 'onbekend', 'onbekende', 'afgeschermd', 'anoniem', 'privé', 'verborgen', 'niet beschikbaar'],
  ...[
    'nieznany',
    'zastrzeżony',
    'ukryty',
    'prywatny',
    'anonimowy',
    'neznámé',
    'neznámý',
    'skryté',
    'skrytý',
    'soukromé',
    'súkromné',
  ],
  ...[
    'necunoscut',
    'ascuns',
    'privat',
    'ismeretlen',
    'rejtett',
    'titkos',
    'nepoznat',
    'nepoznato',
    'skriven',
    'skriveno',
    'neznan',
  ],
  ...[
    'okänd',
    'okänt',
    'dolt',
    'hemligt',
    'ukjent',
    'skjult',
    'hemmelig',
    'ukendt',
    'tuntematon',
    'salainen',
    'yksityinen',
  ],
  ...['bilinmeyen', 'bilinmiyor', 'gizli', 'özel', 'άγνωστος', 'άγνωστο', 'απόρρητο', 'απόκρυψη', 'ιδιωτικό'],
  ...[
    'скрыт',
    'скрыто',
    'скрытый',
    'неизвестный',
    'неизвестно',
    'неизвестен',
    'анонимный',
    'аноним',
    'анонимно',
    'не определен',
  ],
  ...[
    'не определён',
    'неопределен',
    'частный',
    'приватный',
    'закрыт',
    'прихований',
    'приховано',
    'невідомий',
    'невідомо',
  ],
  ...[
    'анонімний',
    'неизвестен',
    'скрит',
    'מספר חסוי',
    'חסוי',
    'לא ידוע',
    'مجهول',
    'غير معروف',
    'رقم خاص',
    'خاص',
    'محجوب',
  ],
  ...[
    '未知',
    '匿名',
    '私人',
    '隐藏',
    '隱藏',
    '未知号码',
    '私人号码',
    '未知號碼',
    '非通知',
    '発信者番号なし',
    '알수없음',
    '발신번호표시제한',
  ],
] as const;
/** What may stand before or behind such a word. */
const NUMBER_WORDS = [
  ...[
    'nummer',
    'rufnummer',
    'anrufer',
    'teilnehmer',
    'number',
    'caller',
    'call',
    'numéro',
    'appel',
    'appelant',
    'correspondant',
  ],
  ...[
    'número',
    'llamada',
    'chamada',
    'chamador',
    'numero',
    'chiamante',
    'chiamata',
    'beller',
    'numer',
    'číslo',
    'număr',
    'hívó',
    'szám',
  ],
  ...[
    'broj',
    'številka',
    'numret',
    'numro',
    'soittaja',
    'numara',
    'arayan',
    'αριθμός',
    'номер',
    'абонент',
    'звонок',
    'вызов',
  ],
] as const;

const WITHHELD: ReadonlySet<string> = new Set([
  ...SAID_ALONE.flatMap(each => [each, ...NUMBER_WORDS.flatMap(noun => [each + noun, noun + each])]).map(lettersOf),
  // Caller ID of the telephone network: private, and out of area.
  ...['p', 'o', 'na', 'outofarea'],
  'anonym',
  'anonymous',
  'anonymouscall',
  'anonymouscaller',
  'anonymousinvalid',
  'asterisk',
  'blocked',
  'calleridblocked',
  'calleridunavailable',
  'calleridwithheld',
  'hidden',
  'hiddennumber',
  'idunavailable',
  'nocallerid',
  'none',
  'nonumber',
  'notavailable',
  'null',
  'numberunavailable',
  'numberwithheld',
  'private',
  'privatecaller',
  'privatenumber',
  'restricted',
  'restrictednumber',
  'unavailable',
  'undefined',
  'unknown',
  'unknowncaller',
  'unknownnumber',
  'withheld',
  'withheldnumber',
]);

/** Zero-width and direction marks, byte order marks, soft hyphens, variation selectors. */
const INVISIBLE = /\p{Cf}|\p{Variation_Selector}/gu;
const BLANKS = /[\p{Zs}]/gu;
const FULL_WIDTH = /[\uFF01-\uFF5E]/g;
/** Arabic-Indic and Persian. */
const OTHER_DIGITS = /[\u0660-\u0669\u06F0-\u06F9]/g;

/**
 * A blank before it is a plus that a form client forgot to encode. No country code begins with 0, and fewer than seven
 * digits are no number of the world: before those a blank is a blank.
 */
const FORM_DECODED_PLUS = /^ +(?=[1-9](?:[ ().-]*\d){6})/;

const SCHEME = /^(sips?|tel|callto):(?:\/\/)?/i;
const ADDRESS = /^[^\s@]+@[^\s@]+$/;
const IP_ADDRESS = /^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/;

/** What a person noted behind a number: a name, a place. With digits in it, it may be another line. */
const NOTE = / *\([^\d()*#+]*\p{L}[^\d()*#+]*\)$/u;

/** Digits with what people put between them; `(+44) 20 …` too. */
const DIALLED = /^(?:\(\+\d{1,3}\) *|\+ *)?\(?[\d*#][\d*# ()./\u2010-\u2015\u2212-]*$/;
/** A bracket is put around an area code, or the zero before it: an international prefix and a country code may come before. */
const MOST_BEFORE_BRACKET = 6;
/** A slash follows an area code: no longer one is in use, with its zero, or with a country code and no prefix before that. */
const MOST_BEFORE_SLASH = 6;
const MOST_OF_THE_WORLD = 7;
const NOT_DIALLED = /[^\d*#+]/g;
/** By which people write the national and the international form in one; it is not dialled from abroad. */
const BRACKETED_TRUNK_ZERO = /(\d[ )]*)\(0\)/;
/** What is dialled once the number has answered, behind pauses: `,12`, `,,12#`, `p12w34`. A phone stores them in the number. */
const AFTER_PAUSES = /(?: *(?:,|[,pw]{2,}|[pw]) *\d{1,10}#?)+$/i;
/** The same, said in words. */
const EXTENSION_WORDS = [
  ...['extension', 'extn', 'ext', 'x', 'durchwahl', 'dw', 'apparat', 'app', 'nebenstelle', 'nst', 'klappe'],
  ...['poste', 'interno', 'interne', 'int', 'anexo', 'ramal', 'toestel', 'wewn', 'wew'],
  ...['доб', 'доп', 'внутр', 'вн'],
].join('|');
const EXTENSION = new RegExp(`(?:;ext=| *[,;]? *(?:${EXTENSION_WORDS})[ .:=]*)\\d{1,10}$`, 'i');
const EXTENSION_OF_THE_WORLD = /^(\+[^#*]{7,})#\d{1,10}$/;

/** Never throws. What is longer than `GIVEN_MAX_CHARS` is a text. */
export function readNumber(raw: string | null): GivenNumber {
  if (raw === null) return NOT_SHOWN;
  if (PLAIN.test(raw)) return { number: raw, withheld: false, dialable: true };
  if (raw.length > GIVEN_MAX_CHARS) return { number: raw, withheld: false, dialable: false };
  const text = visible(raw);
  return numberIn(text) ?? { number: raw.trim(), withheld: false, dialable: false };
}

/** Whether a source says in this place that the party did not show a number. */
export function isWithheld(raw: string | null): boolean {
  return readNumber(raw).withheld;
}

function visible(raw: string): string {
  const plain = raw
    .replace(INVISIBLE, '')
    .replace(BLANKS, ' ')
    .replace(FULL_WIDTH, each => String.fromCharCode(each.charCodeAt(0) - 0xfee0))
    .replace(OTHER_DIGITS, each => String(each.charCodeAt(0) & 0xf));
  return (raw.startsWith(' ') ? plain.replace(FORM_DECODED_PLUS, '+') : plain).trim();
}

/** Null where the text is neither a number nor a word for none. */
function numberIn(text: string): GivenNumber | null {
  const { name, address } = withoutName(text);
  // `"Name" <>` shows a name and no number, unless the name is one.
  if (address === '') return (name === '' ? null : numberIn(name)) ?? NOT_SHOWN;
  const user = userOf(address);
  const number = dialled(user.replace(NOTE, ''));
  if (number !== null) return { number, withheld: false, dialable: true };
  return isWithheldWord(user) ? NOT_SHOWN : null;
}

/** `"Name" <address>;parameters`, `Name<address>`; a text without brackets is the address. */
function withoutName(text: string): { readonly name: string; readonly address: string } {
  const close = text.lastIndexOf('>');
  const open = close === -1 ? -1 : text.lastIndexOf('<', close);
  const after = close === -1 ? '' : text.slice(close + 1).trim();
  if (open === -1 || (after !== '' && !after.startsWith(';'))) return { name: '', address: unquoted(text) };
  return { name: unquoted(text.slice(0, open).trim()), address: unquoted(text.slice(open + 1, close).trim()) };
}

const unquoted = (text: string): string => (/^".*"$/s.test(text) ? text.slice(1, -1).trim() : text);

/** The user part of a SIP address, the number of a tel address (RFC 3261, RFC 3966); any other text as it is. */
function userOf(text: string): string {
  const scheme = SCHEME.exec(text);
  if (scheme === null && !ADDRESS.test(text)) return text;
  const rest = scheme === null ? text : text.slice(scheme[0].length);
  const end = rest.search(/[@;?]/);
  const [user = ''] = (end === -1 ? rest : rest.slice(0, end)).split(':');
  const number = percentDecoded(user).trim();
  return scheme?.[1]?.toLowerCase() === 'tel' ? inPhoneContext(number, rest) : number;
}

/** A local number of a tel address is one behind the prefix that the address names. */
function inPhoneContext(number: string, rest: string): string {
  const prefix = /;phone-context=(\+[\d().-]+)/i.exec(rest)?.[1];
  return prefix === undefined || number.startsWith('+') ? number : prefix + number;
}

function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Digits, `*`, `#` and a leading plus, without the extension; null when it is no number. */
function dialled(text: string): string | null {
  const [number, whole] = [withoutExtension(text), text];
  const written = isDialled(number) && number.replace(/\D/g, '').length >= 7 ? number : whole;
  if (!isDialled(written) || IP_ADDRESS.test(written)) return null;
  return written.replace(BRACKETED_TRUNK_ZERO, '$1').replace(NOT_DIALLED, '');
}

/** What stands in brackets or behind a slash after the number has begun is another line or an extension of it, and not the number. */
function isDialled(text: string): boolean {
  if (!DIALLED.test(text)) return false;
  for (const { index } of text.matchAll(/[(/]/g)) {
    const digits = text.slice(0, index).replace(/\D/g, '');
    const before = digits.replace(/^00/, '');
    const isWorld = before !== digits || text.startsWith('+') || text.startsWith('(+');
    if (text[index] === '(' && (before.length > MOST_BEFORE_BRACKET || !/\)[^)]*\d/.test(text.slice(index))))
      return false;
    if (text[index] === '/' && before.length > (isWorld ? MOST_OF_THE_WORLD : MOST_BEFORE_SLASH)) return false;
  }
  return true;
}

/** The words first: the end of one, as of `DW 12`, is a pause. */
const withoutExtension = (text: string): string =>
  text.replace(EXTENSION, '').replace(AFTER_PAUSES, '').replace(EXTENSION, '').replace(EXTENSION_OF_THE_WORLD, '$1');

function isWithheldWord(text: string): boolean {
  if (text === '' || text === '-') return true;
  return !/\d/.test(text) && WITHHELD.has(lettersOf(text));
}
