/**
 * Joins the fragments of long messages (AFL, CI 90). No clock, no I/O: the caller says when a frame came.
 *
 * Fragment 1 begins a message of its sender and drops what was there; each next one must follow the last, repeats of
 * one already there (repeaters, two receivers) are let pass; a gap or a pause too long drops the message. Senders,
 * fragments and bytes are bounded, the oldest message going first.
 */
import { DecodeError, toHex } from "../../../cosem/codec/bytes.js";
import { type AuthenticationLayer, authenticationLayerName } from "./authentication.js";
import { readWord } from "./little-endian.js";

export interface ReassemblyLimits {
  /** Messages under way at once. */
  readonly messages: number;
  readonly bytesPerMessage: number;
  /** Longest pause between two fragments. */
  readonly timeoutMs: number;
}

export const defaultReassemblyLimits: ReassemblyLimits = { messages: 64, bytesPerMessage: 16_384, timeoutMs: 60_000 };

export interface JoinedMessage {
  readonly fragments: readonly AuthenticationLayer[];
  /** The transport layer and what it carries. */
  readonly bytes: Uint8Array;
}

interface Partial {
  readonly layers: AuthenticationLayer[];
  readonly parts: Uint8Array[];
  length: number;
  lastAtMs: number;
}

export class FragmentReassembler {
  private readonly limits: ReassemblyLimits;
  /** In the order of their last fragment. */
  private readonly messages = new Map<string, Partial>();

  constructor(limits: ReassemblyLimits = defaultReassemblyLimits) {
    this.limits = limits;
  }

  /** Messages that wait for fragments. */
  get pending(): number {
    return this.messages.size;
  }

  /**
   * @param sender  address of the link layer
   * @param part    what the layer carries in this frame; copied
   * @returns the whole message with its last fragment; undefined while fragments are missing
   * @throws DecodeError `truncated` (a fragment before this one is missing), `lengthOverLimit`, `lengthMismatch` (ML)
   */
  push(sender: Uint8Array, layer: AuthenticationLayer, part: Uint8Array, nowMs: number): JoinedMessage | undefined {
    this.dropOverdue(nowMs);
    const name = toHex(sender);
    const message = this.messageFor(name, layer, part, nowMs);
    if (message === undefined || layer.moreFragments) return undefined;
    this.messages.delete(name);
    return joined(message);
  }

  /** The message with this fragment in it; undefined when it was there already. */
  private messageFor(name: string, layer: AuthenticationLayer, part: Uint8Array, nowMs: number): Partial | undefined {
    const known = this.messages.get(name);
    const place = layer.fragmentId - 1;
    if (known !== undefined && isRepeat(known.parts[place], part)) return undefined;
    this.messages.delete(name);
    const message = place === 0 ? { layers: [], parts: [], length: 0, lastAtMs: nowMs } : known;
    if (message === undefined || message.parts.length !== place) {
      throw new DecodeError("truncated", 0, authenticationLayerName, `fragment ${layer.fragmentId} came too early`);
    }
    if (message.length + part.length > this.limits.bytesPerMessage) {
      throw new DecodeError("lengthOverLimit", 0, authenticationLayerName, "message too long");
    }
    message.layers.push(layer);
    message.parts.push(new Uint8Array(part));
    message.length += part.length;
    message.lastAtMs = nowMs;
    this.messages.set(name, message);
    this.dropSurplus();
    return message;
  }

  private dropOverdue(nowMs: number): void {
    for (const [name, message] of this.messages) {
      if (nowMs - message.lastAtMs <= this.limits.timeoutMs) return;
      this.messages.delete(name);
    }
  }

  private dropSurplus(): void {
    for (const name of this.messages.keys()) {
      if (this.messages.size <= this.limits.messages) return;
      this.messages.delete(name);
    }
  }
}

function isRepeat(known: Uint8Array | undefined, part: Uint8Array): boolean {
  return known !== undefined && known.length === part.length && known.every((byte, index) => byte === part[index]);
}

function joined(message: Partial): JoinedMessage {
  const bytes = new Uint8Array(message.length);
  let offset = 0;
  for (const part of message.parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  const announced = message.layers.find((layer) => layer.messageLength !== undefined)?.messageLength;
  if (announced !== undefined && readWord(announced, 0) !== bytes.length) {
    const detail = `${readWord(announced, 0)} bytes announced, ${bytes.length} came`;
    throw new DecodeError("lengthMismatch", 0, authenticationLayerName, detail);
  }
  return { fragments: message.layers, bytes };
}
