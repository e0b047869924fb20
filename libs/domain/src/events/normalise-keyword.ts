import { kind, kindOf } from './character-kinds.ts';

const plain = /^[!-~]+(?: [!-~]+)*$/;
const keptInvisible = /\u200d|\ufe0e|\ufe0f/;

/**
 * One spelling for what people mean to be one keyword: NFC, forms of usual width, no invisible characters, trimmed, inner
 * white space collapsed, lower-cased. NFC is taken again at the end, because lower-casing can leave a pair that composes.
 * Normalising twice changes nothing.
 */
export function normaliseKeyword(keyword: string): string {
  if (plain.test(keyword)) return keyword.toLowerCase();
  const normalised = normaliseOnce(keyword);
  // A letter that counts as an emoji may have become another that does not, such as Ⓜ: its joiner goes then, too.
  if (keptInvisible.test(normalised) && normalised !== keyword) return normaliseKeyword(normalised);
  return normalised;
}

function normaliseOnce(keyword: string): string {
  const tidied = tidy(keyword.normalize('NFC'));
  // Lower-cased by itself İ would leave a combining dot.
  return tidied.replaceAll('İ', 'i').toLowerCase().normalize('NFC');
}

/**
 * One pass over the text: maps forms of another width, leaves out what is invisible, and makes white space one space between
 * other characters.
 */
function tidy(text: string): string {
  let tidied = '';
  let spaceBefore = false;
  for (let at = 0; at < text.length; ) {
    const is = treatmentAt(text, at);
    const end = endOfRun(text, at, is);
    const run = text.slice(at, end);
    if (is === kind.space) spaceBefore = true;
    else if (is === kind.invisible) {
      if (!spaceBefore && isEmojiBefore(text, at) && isEmojiAt(text, end)) tidied += keptOf(run);
    } else {
      if (spaceBefore && tidied !== '') tidied += ' ';
      tidied += is === kind.widthForm ? usualWidths(run) : run;
      spaceBefore = false;
    }
    at = end;
  }
  return tidied;
}

function treatmentAt(text: string, at: number): number {
  const is = kindOf(text.codePointAt(at)!);
  return is === kind.mark || is === kind.joining || is === kind.emoji ? kind.letter : is;
}

function endOfRun(text: string, from: number, is: number): number {
  let at = from;
  while (at < text.length && treatmentAt(text, at) === is) at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  return at;
}

function isEmojiAt(text: string, at: number): boolean {
  return at < text.length && kindOf(text.codePointAt(at)!) === kind.emoji;
}

function isEmojiBefore(text: string, at: number): boolean {
  const point = at > 1 ? text.codePointAt(at - 2)! : 0;
  return at > 0 && (point > 0xffff ? kindOf(point) === kind.emoji : isEmojiAt(text, at - 1));
}

/** What stays of invisible characters between two emoji: a variation selector and a joiner, each once. */
function keptOf(run: string): string {
  const selector = run.includes('\ufe0f') ? '\ufe0f' : run.includes('\ufe0e') ? '\ufe0e' : '';
  return run.includes('\u200d') ? `${selector}\u200d` : selector;
}

/** Runs of forms whose one-step mapping `<wide>` or `<narrow>` is another than what NFKC makes of them. */
const oneStepRuns = [
  // Narrow Hangul letters are compatibility jamo, where NFKC goes on to conjoining ones: ㅋㅋ would become a syllable's.
  { first: 0xffa1, last: 0xffbe, mapped: 0x3131 },
  { first: 0xffc2, last: 0xffc7, mapped: 0x314f },
  { first: 0xffca, last: 0xffcf, mapped: 0x3155 },
  { first: 0xffd2, last: 0xffd7, mapped: 0x315b },
  { first: 0xffda, last: 0xffdc, mapped: 0x3161 },
  // The macron, where NFKC goes on to a space and a combining one.
  { first: 0xffe3, last: 0xffe3, mapped: 0xaf },
];

const usualWidthKnown = new Map<string, string>();

function usualWidths(run: string): string {
  let usual = '';
  for (const form of run) {
    let mapped = usualWidthKnown.get(form);
    if (mapped === undefined) {
      mapped = usualWidth(form);
      usualWidthKnown.set(form, mapped);
    }
    usual += mapped;
  }
  return usual;
}

function usualWidth(form: string): string {
  const point = form.charCodeAt(0);
  const run = oneStepRuns.find(({ first, last }) => point >= first && point <= last);
  return run === undefined ? form.normalize('NFKC') : String.fromCharCode(run.mapped + point - run.first);
}
