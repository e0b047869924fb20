export interface FieldError {
  /** Such as `metadata.keyword`; empty for the event itself. */
  path: string;
  message: string;
}

/** What became of one event: the API has it, it is to be sent again, or it is refused for good, with why. */
export type Verdict = 'kept' | 'again' | FieldError[];

interface Answer {
  results?: { index: number; status: string; errors?: FieldError[] }[];
  errors?: FieldError[];
  detail?: string;
}

/**
 * Reads the answer to a batch of `count` events: a verdict for each, or `smaller` when the batch as a whole is too much
 * for the API, or undefined when nothing is acknowledged and all of it is to be sent again. Only what the API itself says
 * settles an event: a page of some proxy, whatever its status, does not.
 */
export function readVerdicts(
  status: number,
  body: unknown,
  count: number,
): Verdict[] | 'smaller' | undefined {
  const { results, errors, detail } = (body ?? {}) as Answer;
  const verdicts = new Array<Verdict>(count).fill('again');
  if (status === 202 && Array.isArray(results)) {
    for (const result of results) {
      if (result.status === 'rejected') verdicts[result.index] = result.errors ?? [];
      else if (result.status === 'accepted' || result.status === 'duplicate') verdicts[result.index] = 'kept';
    }
    return verdicts.slice(0, count);
  }
  if ((status !== 400 && status !== 413) || !Array.isArray(errors)) return undefined;
  for (const { path, message } of errors) {
    const [, index, rest = ''] = /^events\[(\d+)\]\.?(.*)/.exec(path) ?? [];
    if (index === undefined || +index >= count) continue;
    const known = verdicts[+index]!;
    verdicts[+index] = [...(typeof known === 'string' ? [] : known), { path: rest, message }];
  }
  if (verdicts.some((verdict) => verdict !== 'again')) return verdicts;
  return count > 1 ? 'smaller' : [errors.length > 0 ? errors : [{ path: '', message: detail ?? '' }]];
}
