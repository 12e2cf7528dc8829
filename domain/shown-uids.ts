/**
 * Which uids of a long chain go to Temporal: as many as fit in one search attribute, which the server limits to 2,048 bytes.
 */
const LONGEST_UIDS = 11;
const LONGEST_BYTES = 1_500;

/** The root and the last ten, or fewer where a source's ids are long. */
export function shownUids(uids: readonly string[]): string[] {
  const shown = uids.length <= LONGEST_UIDS ? [...uids] : [uids[0]!, ...uids.slice(1 - LONGEST_UIDS)];
  while (shown.length > 1 && shown.reduce((bytes, uid) => bytes + 4 * uid.length, 0) > LONGEST_BYTES)
    shown.splice(1, 1);
  return shown;
}
