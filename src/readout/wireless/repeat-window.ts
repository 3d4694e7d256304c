/**
 * Tells a telegram heard again (a second receiver, a repeater) from a new one: the same bytes, hop bits apart, within
 * a short time. Bounded: the oldest go first.
 */

/** Telegrams remembered at once: some 100 a second for half a minute. */
const mostRemembered = 4096;

export interface Repeat {
  /** Nobody has heard it yet. */
  readonly isNew: boolean;
  /** No receiver of this group has. */
  readonly isNewInGroup: boolean;
}

export class RepeatWindow {
  private readonly windowMs: number;
  private readonly heard = new Map<string, { readonly atMs: number; readonly groups: Set<string> }>();

  constructor(windowMs: number) {
    this.windowMs = windowMs;
  }

  get size(): number {
    return this.heard.size;
  }

  /** @param content  of repeatKey() */
  note(content: string, group: string, nowMs: number): Repeat {
    this.forget(nowMs);
    const known = this.heard.get(content);
    if (known === undefined) {
      this.heard.set(content, { atMs: nowMs, groups: new Set([group]) });
      return { isNew: true, isNewInGroup: true };
    }
    const isNewInGroup = !known.groups.has(group);
    known.groups.add(group);
    return { isNew: false, isNewInGroup };
  }

  private forget(nowMs: number): void {
    for (const [content, { atMs }] of this.heard) {
      const isRecent = nowMs >= atMs && nowMs - atMs < this.windowMs;
      if (isRecent && this.heard.size < mostRemembered) return;
      this.heard.delete(content);
    }
  }
}

const places = { control: 10, extendedLink: 11, shortWord: 13, longWord: 21 } as const;

/**
 * What two copies of a telegram have in common: its bytes without CRCs, the bits that a repeater sets cleared (hop and
 * repeated-access bit of the extended link layer, hop bit of the configuration word).
 */
export function repeatKey(frame: Uint8Array): string {
  const copy = new Uint8Array(frame);
  const controlInformation = copy[places.control] ?? 0;
  const clear = (place: number, bits: number) => {
    if (place < copy.length) copy[place] = (copy[place] as number) & ~bits;
  };
  if (controlInformation >= 0x8c && controlInformation <= 0x8f) clear(places.extendedLink, 0x12);
  if (controlInformation === 0x7a || controlInformation === 0x7b) clear(places.shortWord, 1);
  if (controlInformation === 0x72 || controlInformation === 0x73) clear(places.longWord, 1);
  return Buffer.from(copy.buffer).toString("latin1");
}
