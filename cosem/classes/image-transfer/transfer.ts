/**
 * The image transfer process as a pure machine: state and event to the next state, or to a refusal.
 *
 *   not initiated --initiate--> initiated --all blocks, verify--> verification initiated --> successful | failed
 *   verification successful --activate--> activation initiated --> successful | failed
 *
 * initiate starts over from every state but the two in which verification or activation is under way.
 */
import type { BitString } from "../../codec/data.js";
import type { ImageToActivateInfo } from "./definition.js";
import { imageTransferStatus } from "./definition.js";

export interface ImageTransferState {
  readonly status: (typeof imageTransferStatus)[keyof typeof imageTransferStatus];
  readonly identifier: Uint8Array;
  /** Octets of the image announced. */
  readonly size: number;
  readonly blockSize: number;
  /** One bit a block. */
  readonly received: Uint8Array;
  readonly blockCount: number;
  readonly firstMissing: number;
  readonly toActivate: readonly ImageToActivateInfo[];
}

/** Not now: another state is needed. Out of scope: the argument is not permitted. */
export type ImageRefusal = "notNow" | "outOfScope";

export function noImage(blockSize: number): ImageTransferState {
  return {
    status: imageTransferStatus.notInitiated,
    identifier: new Uint8Array(),
    size: 0,
    blockSize,
    received: new Uint8Array(),
    blockCount: 0,
    firstMissing: 0,
    toActivate: [],
  };
}

export function initiateImage(
  state: ImageTransferState,
  image: { readonly imageIdentifier: Uint8Array; readonly imageSize: number },
  limits: { readonly maxImageBytes: number; readonly maxIdentifierBytes: number },
): ImageTransferState | ImageRefusal {
  if (isUnderWay(state)) return "notNow";
  const { imageIdentifier, imageSize } = image;
  if (imageSize === 0 || imageSize > limits.maxImageBytes) return "outOfScope";
  if (imageIdentifier.length > limits.maxIdentifierBytes) return "outOfScope";
  const blockCount = Math.ceil(imageSize / state.blockSize);
  return {
    ...noImage(state.blockSize),
    status: imageTransferStatus.initiated,
    identifier: imageIdentifier.slice(),
    size: imageSize,
    received: new Uint8Array(Math.ceil(blockCount / 8)),
    blockCount,
  };
}

/** Where a block belongs in the image; every block but the last is of the block size. A block may come again. */
export function placeOfBlock(state: ImageTransferState, number: number, length: number): number | ImageRefusal {
  if (state.status !== imageTransferStatus.initiated) return "notNow";
  if (number >= state.blockCount) return "outOfScope";
  const offset = number * state.blockSize;
  return length === Math.min(state.blockSize, state.size - offset) ? offset : "outOfScope";
}

/** The state after a block has been kept. */
export function blockKept(state: ImageTransferState, number: number): ImageTransferState {
  const received = state.received.slice();
  received[number >> 3] = (received[number >> 3] ?? 0) | (0x80 >> (number & 7));
  let firstMissing = state.firstMissing;
  while (firstMissing < state.blockCount && hasBlock(received, firstMissing)) firstMissing++;
  return { ...state, received, firstMissing };
}

export function isComplete(state: ImageTransferState): boolean {
  return state.blockCount > 0 && state.firstMissing === state.blockCount;
}

export function verificationStarted(state: ImageTransferState): ImageTransferState | ImageRefusal {
  const isHere = state.status >= imageTransferStatus.initiated && !isUnderWay(state);
  if (!isHere || !isComplete(state)) return "notNow";
  return { ...state, status: imageTransferStatus.verificationInitiated, toActivate: [] };
}

/** @param images  what was found in the image; undefined: it is not sound */
export function verified(
  state: ImageTransferState,
  images: readonly ImageToActivateInfo[] | undefined,
): ImageTransferState {
  return images === undefined
    ? { ...state, status: imageTransferStatus.verificationFailed, toActivate: [] }
    : { ...state, status: imageTransferStatus.verificationSuccessful, toActivate: images };
}

export function activationStarted(state: ImageTransferState): ImageTransferState | ImageRefusal {
  if (state.status !== imageTransferStatus.verificationSuccessful) return "notNow";
  return { ...state, status: imageTransferStatus.activationInitiated };
}

export function activated(state: ImageTransferState, isSuccessful: boolean): ImageTransferState {
  const { activationSuccessful, activationFailed } = imageTransferStatus;
  return { ...state, status: isSuccessful ? activationSuccessful : activationFailed };
}

export function blocksStatus(state: ImageTransferState): BitString {
  return { bytes: state.received, length: state.blockCount };
}

function hasBlock(received: Uint8Array, number: number): boolean {
  return ((received[number >> 3] ?? 0) & (0x80 >> (number & 7))) !== 0;
}

function isUnderWay({ status }: ImageTransferState): boolean {
  return status === imageTransferStatus.verificationInitiated || status === imageTransferStatus.activationInitiated;
}
